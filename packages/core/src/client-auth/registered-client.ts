import { type Client, defineClient } from '../domain/client.ts'
import type { SecretSeal } from '../ports/secret-seal.ts'
import type { RegisteredClient } from '../protocol/client-metadata.ts'
import { credentialOf } from '../protocol/registered-secret.ts'
import { hashSecret } from './hash-secret.ts'
import { withSealedSecret } from './with-sealed-secret.ts'

/**
 * Makes a client of its registration: hashes the secrets that are given in clear, one after the other, at a quarter of a
 * second for each that a person chose.
 *
 * @throws TypeError that names the client and what is wrong with it.
 */
export async function clientFromRegistration(
  { definition, secrets, credentials }: RegisteredClient,
  seal?: SecretSeal,
): Promise<Client> {
  const hashed = []
  for (const [index, secret] of secrets.entries()) {
    const hash = secret.value === undefined ? undefined : await hashSecret(secret.value)
    hashed.push(await withSealedSecret(credentialOf(secret, index, hash), secret.value, definition, seal))
  }
  return defineClient({ ...definition, credentials: [...hashed, ...credentials] })
}
