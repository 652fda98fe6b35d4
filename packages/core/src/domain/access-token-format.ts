/**
 * What a token can be: `opaque`, a reference to a record that is kept; or `jwt`, self-contained and signed, of which nothing
 * is kept but its revocation (RFC 9068).
 */
export const ACCESS_TOKEN_FORMATS = ['opaque', 'jwt'] as const

/** A format of the list {@link ACCESS_TOKEN_FORMATS}. */
export type AccessTokenFormat = (typeof ACCESS_TOKEN_FORMATS)[number]
