-- Looks tokens up by their ids, each at the place where it was asked for: null where there is none, or a revocation.
--
-- A function for the sake of its settings. Its plan is made once for each connection and kept, and these keep the database
-- from a plan that reads a whole table, as it would make while there is next to nothing in it. Under the name of this schema,
-- since it must find its tables whatever the caller's path.

DO $do$
BEGIN
  EXECUTE format($create$
CREATE FUNCTION find_tokens(ids bytea[]) RETURNS TABLE (place integer, document text)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off
SET plan_cache_mode = force_generic_plan
AS $function$
BEGIN
  RETURN QUERY
  SELECT asked.place::integer, (
    SELECT tokens.record::text FROM %1$I.tokens
    WHERE tokens.id = asked.id
    AND (SELECT true FROM %1$I.revocations WHERE revocations.id = asked.id) IS NULL
  )
  FROM unnest(ids) WITH ORDINALITY AS asked (id, place);
END
$function$
$create$, current_schema());
END
$do$;
