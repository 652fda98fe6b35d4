import { type ClientsFile, problemsUnderFapi2, systemClock } from '@latchkey/core'
import { clientsFileAt } from '../clients-file.ts'
import type { Config } from '../config/config.ts'
import type { ReadFile } from '../config/environment.ts'
import type { Signing } from '../signing.ts'
import { StartRefused } from '../start-refused.ts'
import type { Storage } from '../storage/storage.ts'
import { LIST, othersOf } from './algorithms.ts'

/**
 * Looks for clients of the clients file that break the profile. They stand in the way of a start before anything of the
 * file is written; one that somebody registered otherwise is refused when it asks.
 *
 * @throws StartRefused that names each client, and all that is wrong with it.
 */
export function checkListedClients(
  { profile, clientsFile }: Pick<Config, 'profile' | 'clientsFile'>,
  readFile: ReadFile,
): void {
  if (profile === undefined || clientsFile === undefined) return
  const problems = problemsOfListed(clientsFileAt(clientsFile, readFile).clients)
  if (problems.length > 0)
    throw new StartRefused(
      problems.map((problem) => `LATCHKEY_CLIENTS_FILE: ${clientsFile}: LATCHKEY_PROFILE is ${profile}: ${problem}`),
    )
}

/** What is to be said of clients as a file has them. */
export const problemsOfListed = (clients: ClientsFile['clients']): readonly string[] =>
  clients.flatMap(({ definition, credentials }) =>
    problemsUnderFapi2({ ...definition, credentials }).map(
      (problem) => `client ${JSON.stringify(definition.id)}: ${problem}`,
    ),
  )

/** What {@link checkOpened} looks at. */
export interface OpenedDeps {
  readonly config: Pick<Config, 'profile' | 'tokenStorage' | 'signing'>
  readonly storage: Pick<Storage, 'replays'>
  readonly signing: Pick<Signing, 'signer' | 'algorithms'>
}

/** @throws StartRefused that names the setting, when what was opened is not what the profile needs. */
export function checkOpened({ config, storage, signing }: OpenedDeps): void {
  const { profile, tokenStorage } = config
  if (profile === undefined) return
  if (storage.replays === undefined)
    throw new StartRefused([
      `${tokenStorage.setting}: the adapter has no port "replays", which LATCHKEY_PROFILE needs: assertions and proofs pass once`,
    ])
  const { signer } = signing
  if (signer === undefined) return
  const setting = config.signing.key === undefined ? 'LATCHKEY_SIGNING_ALG' : 'LATCHKEY_SIGNING_KEY'
  const others = othersOf(signing.algorithms())
  if (others.length > 0)
    throw new StartRefused([
      `${setting}: LATCHKEY_PROFILE is ${profile}, which takes ${LIST}, and this service signs by ${others.join(', ')} (FAPI 2.0 §5.4.1)`,
    ])
  const { alg } = signer.signingKey(systemClock.now())
  if (othersOf([alg]).length > 0)
    throw new StartRefused([`${setting}: LATCHKEY_PROFILE is ${profile}: ${signsFor(alg)}`])
}

/** The next key is announced before it signs, so that an algorithm is not changed at once. */
const signsFor = (alg: string): string =>
  `the key that signs at present does so by ${alg}; start without the profile until latchkey key list shows that the next one signs`
