import { scryptHash } from '../crypto.ts'
import type { SecretHash } from '../domain/credential.ts'
import { isPlausible } from '../protocol/basic-credentials.ts'
import { credentialIdIn } from '../protocol/generated-secret-format.ts'
import { hashGeneratedSecret } from './generated-secret.ts'

/**
 * Hashes a secret for storage: one that Latchkey generated with SHA-256, and the hash names the credential that it belongs
 * to; any other with scrypt, which takes about a quarter of a second off the event loop.
 *
 * @throws TypeError when no client could present it: printable ASCII only, 1 to 1024 characters (RFC 6749 Appendix A.2).
 */
export async function hashSecret(secret: string): Promise<SecretHash> {
  if (!isPlausible({ clientId: 'any', clientSecret: secret }))
    throw new TypeError('a client secret must be 1 to 1024 characters of printable ASCII')
  const credentialId = credentialIdIn(secret)
  return credentialId === undefined ? scryptHash(secret) : hashGeneratedSecret(secret, credentialId)
}
