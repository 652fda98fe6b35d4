import type { ClientDefinition } from '../domain/client.ts'
import type { SecretCredential } from '../domain/credential.ts'
import type { SecretSeal } from '../ports/secret-seal.ts'

/**
 * A credential with its secret sealed beside the hash, where the client signs with it; any other is kept as a hash alone.
 *
 * @param secret in clear; `undefined` where only the hash is known, which nobody can sign by.
 * @param before the credential that held the same secret before: what still opens is not sealed anew.
 * @throws TypeError where the client signs with its secret, and nothing is there to seal it with.
 */
export async function withSealedSecret(
  credential: SecretCredential,
  secret: string | undefined,
  { id: clientId, tokenEndpointAuthMethod }: Pick<ClientDefinition, 'id' | 'tokenEndpointAuthMethod'>,
  seal: SecretSeal | undefined,
  before?: SecretCredential,
): Promise<SecretCredential> {
  if (tokenEndpointAuthMethod !== 'client_secret_jwt') return credential
  const sealedBefore = before?.id === credential.id ? before.sealed : undefined
  if (secret === undefined) return sealedBefore === undefined ? credential : { ...credential, sealed: sealedBefore }
  if (seal === undefined)
    throw new TypeError(
      `client "${clientId}": client_secret_jwt needs a master key, which its secret is encrypted with`,
    )
  const owner = { clientId, credentialId: credential.id }
  if (sealedBefore !== undefined && (await opens(seal, owner, sealedBefore, secret)))
    return { ...credential, sealed: sealedBefore }
  return { ...credential, sealed: await seal.seal(owner, secret) }
}

const opens = (
  seal: SecretSeal,
  owner: Parameters<SecretSeal['unseal']>[0],
  sealed: string,
  secret: string,
): Promise<boolean> =>
  seal.unseal(owner, sealed).then(
    (found) => found === secret,
    () => false,
  )
