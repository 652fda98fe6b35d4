import { createHash } from 'node:crypto'
import type { TokenId } from '@latchkey/core'

/** base64url of 32 bytes: the last character holds four bits. */
const TOKEN_ID_PATTERN = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

/** Whether a token can have it: what no token has never reaches the database. */
export const isTokenId = (id: string): id is TokenId => TOKEN_ID_PATTERN.test(id)

/** The 32 bytes of a token id; `undefined` for what no token has. */
export const digestOfId = (id: string): Buffer | undefined => (isTokenId(id) ? Buffer.from(id, 'base64url') : undefined)

/** @throws TypeError when it is the id of no token. */
export function digestOfWritableId(id: TokenId): Buffer {
  const digest = digestOfId(id)
  if (digest === undefined) throw new TypeError('a token id must be base64url of 32 bytes')
  return digest
}

/** Of the UTF-16 code units: text that UTF-8 cannot hold must not become the same as another. */
export const digestOfKey = (key: string): Buffer => createHash('sha256').update(key, 'utf16le').digest()

/** A digest as the key of a map: a buffer is only the same as itself. */
export const keyOf = (digest: Buffer): string => digest.toString('latin1')

/** In one order on every node: two statements that write the same rows must not wait for each other in a ring. */
export const inOrderOf =
  <Row>(digestOf: (row: Row) => Buffer) =>
  (one: Row, other: Row): number =>
    Buffer.compare(digestOf(one), digestOf(other))
