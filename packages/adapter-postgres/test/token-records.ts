import type { AccessTokenRecord, EpochSeconds } from '@latchkey/core'
import { tokenIdOf } from '@latchkey/core'

/** A record as the server makes them. */
export const tokenRecord = (name: string, expiresAt: EpochSeconds = 4_102_444_800): AccessTokenRecord => ({
  id: tokenIdOf(name),
  clientId: 'machine',
  credentialId: 'abcABC012345',
  subject: 'machine',
  scopes: ['read:things', 'write:things'],
  audience: ['https://issuer.example'],
  issuedAt: 1_700_000_000,
  expiresAt,
})
