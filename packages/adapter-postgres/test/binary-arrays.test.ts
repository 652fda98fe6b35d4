import { tokenIdOf } from '@latchkey/core'
import { Pool } from 'pg'
import { afterAll, describe, expect, it } from 'vitest'
import { binaryArrays } from '../src/binary-arrays.ts'
import { SERVER } from './database.ts'

const pool = new Pool({ connectionString: SERVER.href, max: 1 })
afterAll(() => pool.end())

async function asRead(array: Buffer, type: string): Promise<unknown> {
  const { rows } = await pool.query({ text: `SELECT to_json($1::${type}[]::text[]) AS read`, values: [array] })
  return rows[0]?.read
}

describe('an array in binary', () => {
  it('of texts is read as it is, whatever is in it', async () => {
    const texts = ['', 'plain', '{"a":"\\u0000"}', '"{},\\', 'NULL', 'ä€𝄞', 'x'.repeat(100_000)]
    expect(await asRead(binaryArrays.texts(texts), 'text')).toEqual(texts)
  })

  it('of numbers is read as it is', async () => {
    const numbers = [0, 1, -1, 2 ** 31, -(2 ** 33), Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]
    expect(await asRead(binaryArrays.bigints(numbers), 'bigint')).toEqual(numbers.map(String))
  })

  it('of digests is read as what the ids hold', async () => {
    const ids = ['one', 'other'].map(tokenIdOf)
    const digests = ids.map((id) => `\\x${Buffer.from(id, 'base64url').toString('hex')}`)
    expect(await asRead(binaryArrays.digestsOf(ids), 'bytea')).toEqual(digests)
  })

  it('may be empty', async () => {
    expect(await asRead(binaryArrays.texts([]), 'text')).toEqual([])
  })
})
