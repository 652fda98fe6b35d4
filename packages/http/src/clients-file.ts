import { isDeepStrictEqual } from 'node:util'
import {
  addClient,
  type Client,
  type ClientOfFile,
  type ClientRegistry,
  type ClientsFile,
  clientCredentials,
  clientOfFile,
  parseClientsFile,
  type RegisteredClient,
  type Resource,
  type ResourceRegistry,
  type SecretSeal,
} from '@latchkey/core'
import { cannotRead, type ReadFile } from './config/environment.ts'
import type { IsReachable } from './remote/reachable-addresses.ts'
import { problemsOfAddresses } from './remote/registered-addresses.ts'
import { messageOf, StartRefused } from './start-refused.ts'

/** What {@link applyClientsFile} takes. */
export interface ClientsFileDeps {
  readonly clients: ClientRegistry
  /** Absent where the client storage has no place for them. */
  readonly resources?: ResourceRegistry | undefined
  /** Whether the registry forgets with the process, so that every start registers every client for the first time. */
  readonly forgetful: boolean
  readonly readFile: ReadFile
  /** Absent where no secret can be kept that a client signs with. */
  readonly secretSeal?: SecretSeal | undefined
  /** From which addresses keys may be fetched. */
  readonly isReachable: IsReachable
}

/** What became of a client of the file. */
export interface AppliedClient {
  readonly id: string
  /** `same`: nothing was written. */
  readonly change: 'added' | 'changed' | 'same'
  /** The members of the client that are others now. */
  readonly members: readonly string[]
  /** Whether it shows a secret that a person chose: one that it signs with costs no key derivation. */
  readonly hasHumanChosenSecret: boolean
}

/** What became of a resource of the file. */
export interface AppliedResource {
  readonly identifier: string
  /** `same`: nothing was written. */
  readonly change: 'added' | 'changed' | 'same'
  /** The members of the resource that are others now. */
  readonly members: readonly string[]
}

/** What became of a file, each part in its order. */
export interface AppliedFile {
  readonly clients: readonly AppliedClient[]
  readonly resources: readonly AppliedResource[]
}

/** How many clients are looked at at once: deriving a key takes 32 MiB, and one of Node's four worker threads. */
const AT_ONCE = 2

/**
 * Puts the resources of a file into their registry, in the place of those with their identifiers, and brings the clients
 * of a registry to the words of the file, each by one change: those that are new are added; of the
 * others, the members that the file names and the credentials that it made are as it says. All else stays as it is, and
 * so do clients that the file does not name.
 *
 * @returns what became of each.
 * @throws StartRefused with every fault of the file, when it cannot be read, or names resources that cannot be kept.
 */
export async function applyClientsFile(path: string, deps: ClientsFileDeps): Promise<AppliedFile> {
  const { clients, resources } = clientsFileAt(path, deps.readFile)
  if (resources.length > 0 && deps.resources === undefined)
    throw new StartRefused([`LATCHKEY_CLIENTS_FILE: ${path}: resources: the client storage has no place for them`])
  const problems = clients.flatMap((client) =>
    [...problemsOfAddresses(client.credentials, deps.isReachable), ...problemsOfSealing(client, deps)].map(
      (problem) => `LATCHKEY_CLIENTS_FILE: ${path}: client ${JSON.stringify(client.definition.id)}: ${problem}`,
    ),
  )
  if (problems.length > 0) throw new StartRefused(problems)
  const appliedResources: AppliedResource[] = []
  for (const resource of resources)
    if (deps.resources) appliedResources.push(await registerResource(resource, deps.resources))
  const applied: AppliedClient[] = []
  const waiting = clients.entries()
  const worker = async (): Promise<void> => {
    for (const [index, registration] of waiting)
      applied[index] = await apply(clientOfFile(registration, deps.secretSeal), path, deps)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return { clients: applied, resources: appliedResources }
}

/**
 * What a file says.
 *
 * @throws StartRefused with every fault of the file, or when it cannot be read.
 */
export function clientsFileAt(path: string, readFile: ReadFile): ClientsFile {
  let content: string
  try {
    content = readFile(path)
  } catch (error) {
    throw new StartRefused([`LATCHKEY_CLIENTS_FILE: ${cannotRead(path, error)}`])
  }
  try {
    const file = parseClientsFile(content)
    const problems = file.clients.flatMap(problemsOfGrants)
    if (problems.length > 0) throw new TypeError(problems.join('\n'))
    return file
  } catch (error) {
    throw refusalOf(path, error)
  }
}

const refusalOf = (path: string, error: unknown): StartRefused =>
  new StartRefused(
    messageOf(error)
      .split('\n')
      .map((problem) => `LATCHKEY_CLIENTS_FILE: ${path}: ${problem}`),
    { cause: error },
  )

/** A word that no grant of this server has can only be a slip: the client would get no tokens by it. */
const problemsOfGrants = ({ definition: { id, grantTypes = [] } }: RegisteredClient): readonly string[] =>
  grantTypes
    .filter((type) => type !== clientCredentials.type)
    .map(
      (type) =>
        `client ${JSON.stringify(id)}: grant_types: ${JSON.stringify(type.slice(0, 80))} is no grant of this server; it has ${clientCredentials.type}`,
    )

/** A secret that signs must be known itself, and is kept nowhere in clear. */
export const problemsOfSealing = (
  { definition: { tokenEndpointAuthMethod: method } }: RegisteredClient,
  { secretSeal }: Pick<ClientsFileDeps, 'secretSeal'>,
): readonly string[] =>
  method === 'client_secret_jwt' && secretSeal === undefined
    ? ['client_secret_jwt needs LATCHKEY_MASTER_KEY: the client storage keeps its secret, and keeps it encrypted']
    : []

/** As for a client: another node may write it at this moment. */
async function registerResource(resource: Resource, resources: ResourceRegistry): Promise<AppliedResource> {
  const { identifier } = resource
  for (;;) {
    const existing = await resources.find(identifier)
    if (existing === undefined) {
      if (await resources.add(resource)) return { identifier, change: 'added', members: [] }
      continue
    }
    const members = membersThatDiffer(existing, { ...resource, version: existing.version })
    if (members.length === 0) return { identifier, change: 'same', members }
    if (await resources.replace(resource, existing.version)) return { identifier, change: 'changed', members }
  }
}

/** Another node may be doing the same at this moment: whoever loses looks again, and finds what there is left to do. */
async function apply(
  ofFile: ClientOfFile,
  path: string,
  { clients, forgetful }: Pick<ClientsFileDeps, 'clients' | 'forgetful'>,
): Promise<AppliedClient> {
  for (;;) {
    const existing = await clients.find(ofFile.id)
    const client = await ofFile.basedOn(existing).catch((error: unknown) => {
      throw refusalOf(path, error)
    })
    const members = existing === undefined ? [] : membersThatDiffer(existing, client)
    const { id } = client
    const hasHumanChosenSecret =
      client.tokenEndpointAuthMethod !== 'client_secret_jwt' &&
      client.credentials.some((credential) => credential.kind === 'secret' && credential.hash.startsWith('$scrypt$'))
    if (existing === undefined) {
      // In a registry that forgets, the client of before is this one, and its tokens may well be kept elsewhere.
      const isAdded = await (forgetful ? clients.add(client) : addClient({ clients }, client))
      if (isAdded) return { id, change: 'added', members, hasHumanChosenSecret }
    } else if (members.length === 0) return { id, change: 'same', members, hasHumanChosenSecret }
    else if (await clients.replace(client, existing.version))
      return { id, change: 'changed', members, hasHumanChosenSecret }
  }
}

function membersThatDiffer<Registered extends Client | Resource>(
  before: Registered,
  after: Registered,
): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)] as (keyof Registered & string)[])
  return [...names].filter((name) => !isDeepStrictEqual(before[name], after[name]))
}
