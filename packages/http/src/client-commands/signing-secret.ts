import { type ClientDefinition, createSecretSeal, type JsonObject, type SecretSeal } from '@latchkey/core'
import { CommandRefused } from '../cli/command-refused.ts'
import type { Io } from '../cli/io.ts'
import { readFile } from '../cli/read-file.ts'
import { readMasterKeys } from '../config/read-config.ts'

/** Whose secret it is, and how its client signs with it, if it does. */
export type SecretHolder = Pick<ClientDefinition, 'id' | 'tokenEndpointAuthMethod' | 'tokenEndpointAuthSigningAlg'>

/** Whether a client signs with its secret, rather than show it. */
export const signsWithSecret = ({ tokenEndpointAuthMethod: method }: Omit<SecretHolder, 'id'>): boolean =>
  method === 'client_secret_jwt'

/** How a client signs with its secret, in the words of the clients file: a secret that signs must be long enough for it. */
export const signingMetadataOf = (holder: SecretHolder): JsonObject =>
  signsWithSecret(holder)
    ? {
        token_endpoint_auth_method: 'client_secret_jwt',
        ...(holder.tokenEndpointAuthSigningAlg !== undefined && {
          token_endpoint_auth_signing_alg: holder.tokenEndpointAuthSigningAlg,
        }),
      }
    : {}

/**
 * The seal for a secret that signs.
 *
 * @throws CommandRefused that names the setting, where there is no master key.
 */
export function sealOfSettings(id: string, { environment }: Pick<Io, 'environment'>): SecretSeal {
  const { masterKey, previousMasterKey } = readMasterKeys(environment, readFile)
  if (masterKey === undefined)
    throw new CommandRefused(
      `LATCHKEY_MASTER_KEY is required for client_secret_jwt: the client storage keeps the secret of ${JSON.stringify(id)}, and keeps it encrypted; private_key_jwt needs no secret`,
    )
  return createSecretSeal({ masterKey, previousMasterKey })
}
