import { CHECKSUM_LENGTH, checksum, endsInChecksum, isBase62 } from './checksum.ts'

/** What every secret of Latchkey's own making begins with: scanners for leaked secrets look for it. */
const PREFIX = 'lk_s_'
/** Characters of base62 that name the credential. */
export const CREDENTIAL_ID_LENGTH: number = 12
/** Characters of base62 that are the secret: 256 bits. */
export const SECRET_LENGTH: number = 43
const ID_END = PREFIX.length + CREDENTIAL_ID_LENGTH
const CHECKSUM_START = ID_END + 1 + SECRET_LENGTH + 1
const SEPARATOR = '_'

/** Puts a secret together: the prefix, the credential's id, the random part, and a checksum of all that precedes it. */
export function formatGeneratedSecret(credentialId: string, random: string): string {
  const named = PREFIX + credentialId + SEPARATOR + random + SEPARATOR
  return named + checksum(named)
}

/** The credential that a secret names, or `undefined` when it is not of the generated form. Reads by position. */
export function credentialIdIn(secret: string): string | undefined {
  if (secret.length !== CHECKSUM_START + CHECKSUM_LENGTH || !secret.startsWith(PREFIX)) return undefined
  if (secret.charAt(ID_END) !== SEPARATOR || secret.charAt(CHECKSUM_START - 1) !== SEPARATOR) return undefined
  if (!isBase62(secret, PREFIX.length, ID_END) || !isBase62(secret, ID_END + 1, CHECKSUM_START - 1)) return undefined
  return endsInChecksum(secret) ? secret.slice(PREFIX.length, ID_END) : undefined
}
