import { sha256 } from '../crypto.ts'
import type { TokenId } from '../domain/access-token.ts'
import { CHECKSUM_LENGTH, checksum, endsInChecksum } from '../protocol/checksum.ts'
import { randomBase62 } from '../random-text.ts'

const PREFIX = 'lk_at_'
const RANDOM_LENGTH = 43
const TOKEN_LENGTH = PREFIX.length + RANDOM_LENGTH + CHECKSUM_LENGTH

/** Makes the value of a reference token: 55 URL-safe characters with 256 bits from the system's generator (RFC 6749 §10.10). */
export function generateOpaqueToken(): string {
  const body = PREFIX + randomBase62(RANDOM_LENGTH)
  return body + checksum(body)
}

/** Whether a value could be a reference token of ours, told without asking anybody. */
export const isOpaqueToken = (value: string): boolean =>
  value.length === TOKEN_LENGTH && value.startsWith(PREFIX) && endsInChecksum(value)

/** The store's name for a reference token. */
export const tokenIdOf = (value: string): TokenId => sha256(value) as TokenId
