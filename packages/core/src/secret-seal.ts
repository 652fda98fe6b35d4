import { type MasterKeyOptions, masterKeysOf } from './keys/master-key.ts'
import { sealBytes, unsealBytes } from './keys/sealed-bytes.ts'
import type { SecretOwner, SecretSeal } from './ports/secret-seal.ts'

/**
 * Makes a seal for secrets of a master key, the same that seals signing keys.
 *
 * @throws TypeError that names the option which is wrong, and does not repeat it.
 */
export function createSecretSeal(options: MasterKeyOptions): SecretSeal {
  const masterKeys = masterKeysOf(options)
  const [present] = masterKeys
  return {
    seal: async (owner, secret) => sealBytes(Buffer.from(secret), textOf(owner), present),
    unseal: async (owner, sealed) => Buffer.from(unsealBytes(sealed, textOf(owner), masterKeys)).toString(),
  }
}

/** A sealed secret that is copied to another client, or a credential of another, opens no more. */
const textOf = ({ clientId, credentialId }: SecretOwner): string =>
  JSON.stringify(['secret of a client', clientId, credentialId])
