import type { EpochSeconds } from './epoch-seconds.ts'

/** When a credential was last used: how an operator knows that the old one may go. */
export interface CredentialUse {
  readonly clientId: string
  readonly credentialId: string
  readonly usedAt: EpochSeconds
}
