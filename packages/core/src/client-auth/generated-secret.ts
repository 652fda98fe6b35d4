import { digestsEqual, sha256 } from '../crypto.ts'
import type { Client } from '../domain/client.ts'
import type { SecretCredential, SecretHash } from '../domain/credential.ts'
import { CREDENTIAL_ID_LENGTH, formatGeneratedSecret, SECRET_LENGTH } from '../protocol/generated-secret-format.ts'
import { randomBase62 } from '../random-text.ts'

/** A secret of Latchkey's own making, the only time that it is seen. */
export interface GeneratedSecret {
  /** What the client keeps: 68 characters that mean the same raw and form-encoded, and name their credential. */
  readonly secret: string
  readonly credentialId: string
  /** What the server keeps. */
  readonly hash: SecretHash
}

/** Makes a secret of 256 bits for a credential with an id of its own. */
export function generateSecret(): GeneratedSecret {
  const credentialId = randomBase62(CREDENTIAL_ID_LENGTH)
  const secret = formatGeneratedSecret(credentialId, randomBase62(SECRET_LENGTH))
  return { secret, credentialId, hash: hashGeneratedSecret(secret, credentialId) }
}

/** The stored form of a generated secret. */
export const hashGeneratedSecret = (secret: string, credentialId: string): SecretHash =>
  `$sha256$id=${credentialId}$${sha256(secret)}`

/** Where the digest begins in a stored hash: behind `$sha256$id=`, the id and another `$`. */
const DIGEST_START = '$sha256$id='.length + CREDENTIAL_ID_LENGTH + 1

/** Compared with when there is nothing to compare with, so that an unknown client takes the same work. */
const NOBODY = sha256(randomBase62(SECRET_LENGTH))

/** The credential that the secret names, if the client holds it and the secret is its own. One hash, one comparison. */
export function findByGeneratedSecret(
  client: Client | undefined,
  credentialId: string,
  secret: string,
): SecretCredential | undefined {
  const named = client?.credentials.find(
    (credential): credential is SecretCredential =>
      credential.kind === 'secret' && credential.id === credentialId && credential.hash.startsWith('$sha256$'),
  )
  const matches = digestsEqual(sha256(secret), named?.hash.slice(DIGEST_START) ?? NOBODY)
  return matches ? named : undefined
}
