import type { Pool } from 'pg'

/** A schema as statements that would make it, read from the catalogue: the same for the same tables, however they came about. */
export async function describedSchema(owner: Pool, schema: string): Promise<string> {
  const { rows } = await owner.query<{ table: string; definition: string }>(
    `SELECT class.relname AS table, concat(
       'CREATE TABLE ', class.relname, E' (\\n',
       (SELECT string_agg(line, E',\\n') FROM (
         (SELECT concat('  ', attname, ' ', format_type(atttypid, atttypmod),
                        CASE WHEN attcollation <> 0 AND collname <> 'default' THEN concat(' COLLATE "', collname, '"') END,
                        CASE WHEN attnotnull THEN ' NOT NULL' END,
                        CASE WHEN adbin IS NOT NULL THEN concat(' DEFAULT ', pg_get_expr(adbin, adrelid)) END) AS line
          FROM pg_attribute
          LEFT JOIN pg_collation ON pg_collation.oid = attcollation
          LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
          WHERE attrelid = class.oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum)
         UNION ALL
         (SELECT concat('  CONSTRAINT ', conname, ' ', pg_get_constraintdef(oid)) FROM pg_constraint
          WHERE conrelid = class.oid AND contype <> 'n' ORDER BY conname)
       ) AS lines),
       E'\\n)', ' WITH (' || array_to_string(class.reloptions, ', ') || ')', E';\\n',
       (SELECT string_agg(concat(indexdef, E';\\n'), '' ORDER BY indexname) FROM pg_indexes
        WHERE schemaname = $1 AND tablename = class.relname
        AND indexname NOT IN (SELECT conname FROM pg_constraint WHERE conrelid = class.oid))
     ) AS definition
     FROM pg_class AS class WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p') ORDER BY relname`,
    [schema],
  )
  const others = await owner.query<{ relname: string }>(
    `SELECT relname FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind NOT IN ('r', 'p', 'i', 'I', 't')
     UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = $1::regnamespace AND prokind <> 'f'`,
    [schema],
  )
  if (others.rows.length > 0) throw new Error(`this does not know how to describe ${others.rows[0]?.relname}`)
  const functions = await owner.query<{ definition: string }>(
    `SELECT concat(pg_get_functiondef(oid), E';\\n') AS definition FROM pg_proc
     WHERE pronamespace = $1::regnamespace AND prokind = 'f' ORDER BY proname`,
    [schema],
  )
  const header = '-- The schema once every step is taken. Written by a test, which fails when it is another one.\n'
  return [
    header,
    ...[...rows, ...functions.rows].map(({ definition }) => definition.replaceAll(` ${schema}.`, ' ')),
  ].join('\n')
}
