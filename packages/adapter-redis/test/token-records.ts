import type { AccessTokenRecord, EpochSeconds } from '@latchkey/core'
import { tokenIdOf } from '@latchkey/core'

/** A record as the server makes them: everything but id and times equal, in objects of its own. */
export const tokenRecord = (name: string, expiresAt: EpochSeconds): AccessTokenRecord => ({
  id: tokenIdOf(name),
  clientId: 'machine',
  credentialId: 'abcABC012345',
  subject: 'machine',
  scopes: 'read:things write:things'.split(' '),
  audience: ['https://issuer.example'],
  issuedAt: expiresAt - 3600,
  expiresAt,
})
