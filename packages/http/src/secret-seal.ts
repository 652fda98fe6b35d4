import { createSecretSeal, type SecretSeal } from '@latchkey/core'
import type { Config } from './config/config.ts'
import type { Storage } from './storage/storage.ts'

/**
 * Makes the seal for secrets by which clients sign (`client_secret_jwt`): of the master key or, where the clients are
 * forgotten with this process, of one that is forgotten with it.
 *
 * @returns `undefined` where the clients outlive this process and there is no master key: nobody could open them again.
 */
export function secretSealOf(
  { signing: { masterKey, previousMasterKey } }: Pick<Config, 'signing'>,
  { forgetsClients }: Pick<Storage, 'forgetsClients'>,
): SecretSeal | undefined {
  if (masterKey === undefined && !forgetsClients) return undefined
  return createSecretSeal({ masterKey: masterKey ?? 'ephemeral', previousMasterKey })
}
