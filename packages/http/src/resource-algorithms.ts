import { isSharedSecretAlgorithm, type Resource, type SigningAlgorithm } from '@latchkey/core'
import { clientsFileAt } from './clients-file.ts'
import type { Config, SigningSettings } from './config/config.ts'
import type { ReadFile } from './config/environment.ts'
import type { Log } from './log/log.ts'
import type { Signing } from './signing.ts'
import { StartRefused } from './start-refused.ts'
import type { Storage } from './storage/storage.ts'

/** What {@link checkResourceAlgorithms} takes. */
export interface ResourceAlgorithmsDeps {
  readonly config: Pick<Config, 'clientsFile'>
  readonly storage: Pick<Storage, 'resources'>
  readonly signing: Pick<Signing, 'algorithms'>
  readonly log: Log
  readonly readFile: ReadFile
}

/**
 * Looks for resources that want tokens signed by an algorithm of which this service has no key. Those of the clients file
 * stand in the way of a start; one that somebody registered otherwise is warned of, since the others can be served.
 *
 * @throws StartRefused that names each resource of the file, and its algorithm.
 */
export async function checkResourceAlgorithms(deps: ResourceAlgorithmsDeps): Promise<void> {
  const { config, storage, signing, log, readFile } = deps
  const algorithms = signing.algorithms()
  const { clientsFile } = config
  const refused =
    clientsFile === undefined ? [] : problemsOfAlgorithms(clientsFileAt(clientsFile, readFile).resources, algorithms)
  if (refused.length > 0)
    throw new StartRefused(refused.map((problem) => `LATCHKEY_CLIENTS_FILE: ${clientsFile}: ${problem}`))
  for (const problem of problemsOfAlgorithms((await storage.resources?.list()) ?? [], algorithms))
    log.warn({ event: 'warning' }, problem)
}

/** What is to be said of resources that want an algorithm which is none of these. */
export const problemsOfAlgorithms = (
  resources: readonly Resource[],
  algorithms: readonly SigningAlgorithm[],
): readonly string[] =>
  resources
    .filter(({ accessTokenSigningAlg: alg }) => alg !== undefined && !algorithms.includes(alg))
    .map(
      ({ identifier, accessTokenSigningAlg }) =>
        `resource ${JSON.stringify(identifier)}: access_token_signing_alg is ${accessTokenSigningAlg}, and this service signs with ${algorithms.join(', ') || 'no key pair'}; LATCHKEY_SIGNING_ALG may name several`,
    )

/** The algorithms that the settings name, where they do: what keys there are is known to whoever opens them. */
export function algorithmsOfSettings({
  alg,
  otherAlgs,
  key,
  jwtSecret,
}: SigningSettings): readonly SigningAlgorithm[] | undefined {
  if (jwtSecret !== undefined) return []
  return alg === undefined || key !== undefined || isSharedSecretAlgorithm(alg) ? undefined : [alg, ...otherAlgs]
}
