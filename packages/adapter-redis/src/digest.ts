/** The only file that touches `node:crypto`. */
import { hash, randomUUID } from 'node:crypto'

/**
 * SHA-256 of a text's UTF-16 code units, as base64url: what stands in a key in the place of the text. Of the code units,
 * since UTF-8 makes one of all lone surrogates.
 */
export const digestOf = (text: string): string => hash('sha256', Buffer.from(text, 'utf16le'), 'base64url')

/** The name by which Redis knows a script. */
export const scriptNameOf = (lua: string): string => hash('sha1', lua, 'hex')

/** A value that no other call has. */
export const nonce = (): string => randomUUID()
