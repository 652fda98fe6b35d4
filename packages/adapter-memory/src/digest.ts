/** The only file that touches `node:crypto`. */
import { hash, randomBytes } from 'node:crypto'

/**
 * Makes digests of text that nobody outside of this process can foresee: by chosen keys, many could be made to share a
 * bucket of a table.
 *
 * @returns what makes SHA-256 of a secret and of the UTF-16 code units, as base64url: UTF-8 makes one of all lone surrogates.
 */
export function createDigest(): (text: string) => string {
  const secret = randomBytes(32).toString('latin1')
  return (text) => hash('sha256', Buffer.from(`${secret}${text}`, 'utf16le'), 'base64url')
}
