import {
  type Adapter,
  type Client,
  type EpochSeconds,
  problemsUnderFapi2,
  type Resource,
  type SigningKeySet,
  systemClock,
} from '@latchkey/core'
import { clientsFileAt } from '../clients-file.ts'
import type { Config } from '../config/config.ts'
import type { ReadFile } from '../config/environment.ts'
import { LIST, othersOf } from '../fapi2/algorithms.ts'
import { problemsOfListed } from '../fapi2/check-start.ts'
import { problemsOfSettings } from '../fapi2/problems-of-settings.ts'
import { ownKeys } from '../signing.ts'
import { addressOf, openAdapterAt } from '../storage/open-adapter.ts'
import type { Finding } from './finding.ts'

const check = 'fapi2'

/** What {@link lookAtFapi2} takes. */
export interface LookAtFapi2Deps {
  /** Whether the service is held to it: what is a note otherwise is in the way then. */
  readonly isProfiled: boolean
  /** Whether the client storage answers: one that was away a moment ago is not asked again. */
  readonly storageAnswers: boolean
  /** From which adapter modules are found. */
  readonly directory: string
  readonly readFile: ReadFile
}

/** One thing that is not as FAPI 2.0 has it, and what a start says of it where the service is held to that. */
interface Difference {
  readonly status: 'wrong' | 'warning'
  readonly message: string
  readonly advice: string
}

const GUIDE = 'docs/how-to/follow-fapi-2.md says what each step means'

/** Says how far a configuration is from the FAPI 2.0 Security Profile, whether or not the service is held to it. */
export async function lookAtFapi2(config: Config, deps: LookAtFapi2Deps): Promise<readonly Finding[]> {
  const { isProfiled } = deps
  const differences = [
    ...ofSettings(config, isProfiled),
    ...(await ofSigningKey(config)),
    ...ofClientsFile(config, deps.readFile),
    ...(deps.storageAnswers ? await ofStorage(config, deps.directory) : []),
  ]
  if (differences.length === 0)
    return [{ check, status: 'ok', message: isProfiled ? 'all that was looked at is as FAPI 2.0 has it' : READY }]
  if (isProfiled) return differences.map((difference) => ({ check, ...difference }))
  const count = differences.length === 1 ? '1 thing is' : `${differences.length} things are`
  return [
    { check, status: 'note', message: `${count} in the way of FAPI 2.0 (LATCHKEY_PROFILE=fapi2)`, advice: GUIDE },
    ...differences.map(({ message, advice }) => ({ check, status: 'note' as const, message, advice })),
  ]
}

const READY = 'nothing that was looked at is in the way of FAPI 2.0 (LATCHKEY_PROFILE=fapi2)'

/** Those that stop a start were told of when the settings were read. */
function* ofSettings(config: Config, isProfiled: boolean): Generator<Difference> {
  if (!isProfiled)
    for (const message of problemsOfSettings(config)) yield { status: 'wrong', message, advice: 'change the setting' }
  if (config.issuer.startsWith('http:'))
    yield {
      status: 'warning',
      message: `LATCHKEY_ISSUER is plain http, and every endpoint is protected by TLS (FAPI 2.0 §5.2.1)`,
      advice: 'set it to an https URL; plain http on this machine is for trying things out',
    }
}

async function ofSigningKey(config: Config): Promise<readonly Difference[]> {
  const { key } = config.signing
  if (key === undefined) return []
  // The look at the signing keys says what is wrong with those that cannot be read.
  const others = await ownKeys(config, key).then(
    (keys) => othersOf(keys.algorithms()),
    () => [],
  )
  if (others.length === 0) return []
  const message = `LATCHKEY_SIGNING_KEY signs by ${others.join(', ')}, and FAPI 2.0 takes ${LIST} (§5.4.1)`
  return [{ status: 'wrong', message, advice: 'give keys that are for one of these' }]
}

function ofClientsFile({ clientsFile }: Config, readFile: ReadFile): readonly Difference[] {
  if (clientsFile === undefined) return []
  try {
    const { clients, resources } = clientsFileAt(clientsFile, readFile)
    const advice = `correct the client in ${clientsFile}; docs/how-to/follow-fapi-2.md has an example`
    return [
      ...problemsOfListed(clients).map((message) => ({ status: 'wrong' as const, message, advice })),
      ...resources.flatMap(ofResource('wrong')),
    ]
  } catch {
    // The look at the file says what is wrong with it.
    return []
  }
}

const ofResource =
  (status: Difference['status']) =>
  ({ identifier, accessTokenSigningAlg: alg }: Resource): readonly Difference[] =>
    alg === undefined || othersOf([alg]).length === 0
      ? []
      : [
          {
            status,
            message: `resource ${JSON.stringify(identifier)}: access_token_signing_alg is ${alg}, and FAPI 2.0 takes ${LIST} (§5.4.1)`,
            advice: 'let the API take one of these',
          },
        ]

/** As many are looked at as a person may want to read of. */
const MOST_CLIENTS = 1000
const MOST_TOLD = 20

async function ofStorage(config: Config, directory: string): Promise<readonly Difference[]> {
  const { clientStorage, signing } = config
  try {
    const { adapter } = await openAdapterAt(clientStorage, addressOf(clientStorage, directory))
    try {
      if (adapter.forgetful === true || ((await adapter.migrations?.pending()) ?? []).length > 0) return []
      const ofKeys = signing.key === undefined && signing.jwtSecret === undefined && adapter.keys
      return [
        ...(ofKeys ? ofStoredKeys(await ofKeys.list(), systemClock.now()) : []),
        ...((await adapter.resources?.list()) ?? []).flatMap(ofResource('warning')),
        ...(await ofStoredClients(adapter)),
      ]
    } finally {
      await adapter.close()
    }
  } catch {
    // The look at the storage says what is wrong with it.
    return []
  }
}

/** A key of another algorithm is announced some minutes before it signs, and what signs until then counts. */
function ofStoredKeys({ keys }: SigningKeySet, now: EpochSeconds): readonly Difference[] {
  const signing = keys.filter(({ signsFrom }) => signsFrom <= now).toSorted((a, b) => a.signsFrom - b.signsFrom)
  const last = signing.at(-1)
  if (last === undefined || othersOf([last.alg]).length === 0) return []
  const message = `the last key that signs is for ${last.alg}, and FAPI 2.0 takes ${LIST} (§5.4.1)`
  const advice =
    'set LATCHKEY_SIGNING_ALG to one of these, and the profile when latchkey key list shows that a key of it signs'
  return [{ status: 'wrong', message, advice }]
}

/** Nobody is kept from serving by them: each is refused when it asks. */
async function ofStoredClients({ clients }: Adapter): Promise<readonly Difference[]> {
  const found: Difference[] = []
  let looked = 0
  let after: string | undefined
  do {
    const page = await clients?.list({ limit: 100, ...(after !== undefined && { after }) })
    const present: readonly Client[] = page?.clients ?? []
    looked += present.length
    found.push(...present.flatMap(ofStoredClient))
    after = page?.next
  } while (after !== undefined && looked < MOST_CLIENTS)
  const told = found.slice(0, MOST_TOLD)
  if (found.length > told.length || after !== undefined)
    told.push({
      status: 'warning',
      message: `${found.length - told.length} more of the ${looked} clients that were looked at break it${after === undefined ? '' : ', and there are others'}`,
      advice: 'latchkey client list shows them all',
    })
  return told
}

function ofStoredClient(client: Client): readonly Difference[] {
  const problems = problemsUnderFapi2(client)
  if (problems.length === 0) return []
  const message = `client ${JSON.stringify(client.id)}: ${problems.join('; ')}`
  const advice = `latchkey client credential add ${client.id} --jwks <file>, or latchkey client update ${client.id}`
  return [{ status: 'warning', message, advice }]
}
