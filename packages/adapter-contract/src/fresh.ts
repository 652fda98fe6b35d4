import type { TokenId } from '@latchkey/core'

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** The last of 43 characters holds four bits of the digest; an adapter may keep the 32 bytes alone. */
const BASE64URL_LAST = 'AEIMQUYcgkosw048'

// None of this is secret: it only has to differ from what a long-lived store holds already.
const charactersOf = (alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet.charAt(Math.floor(Math.random() * alphabet.length))).join('')

/** A name that nobody has used yet, within the alphabet of client ids and credential ids. */
export const freshName = (about: string): string =>
  `${about}-${charactersOf('abcdefghijklmnopqrstuvwxyz0123456789', 16)}`

/** An identifier of a resource that nobody has used yet. */
export const freshIdentifier = (about: string): string => `https://api.example/${freshName(about)}`

/** A token id that nobody has used yet, of the form that every token id has. */
export const freshTokenId = (): TokenId => `${charactersOf(BASE64URL, 42)}${charactersOf(BASE64URL_LAST, 1)}` as TokenId
