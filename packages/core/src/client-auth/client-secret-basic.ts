import { readBasicCredentials } from '../protocol/basic-credentials.ts'
import type { ClientAuthMethod } from './client-auth-method.ts'
import { presentedSecret, type SecretCheck } from './client-secret.ts'

/**
 * The secret in an `Authorization: Basic` header (RFC 6749 §2.3.1). A header of any other scheme counts as a failed
 * attempt at it: whoever sends one means to authenticate, and must be told that it did not work (§5.2).
 */
export const clientSecretBasic = (check: SecretCheck): ClientAuthMethod => ({
  names: ['client_secret_basic'],
  extract: ({ authorization }) =>
    authorization === undefined
      ? undefined
      : readBasicCredentials(authorization).map((pair) => presentedSecret(pair, check)),
})
