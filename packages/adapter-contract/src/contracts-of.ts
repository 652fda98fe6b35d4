import type { Adapter, Client, ClientRegistry, Resource, ResourceRegistry } from '@latchkey/core'
import { clientChangesContract } from './client-changes-contract.ts'
import { clientRegistryContract } from './client-registry-contract.ts'
import type { ClientRepositorySubject } from './client-repository-contract.ts'
import { clientRepositoryContract } from './client-repository-contract.ts'
import type { AdapterWith, ContractCase } from './contract-case.ts'
import { credentialUsesAndClientsContract, credentialUsesContract } from './credential-uses-contract.ts'
import { migrationsContract } from './migrations-contract.ts'
import { replayGuardContract } from './replay-guard-contract.ts'
import { resourceRegistryContract } from './resource-registry-contract.ts'
import type { ResourceRepositorySubject } from './resource-repository-contract.ts'
import { resourceRepositoryContract } from './resource-repository-contract.ts'
import { signingKeyStoreContract } from './signing-key-store-contract.ts'
import { statusIndexesContract, sweeperAndStatusIndexesContract } from './status-indexes-contract.ts'
import { sweeperAndReplaysContract } from './sweeper-and-replays-contract.ts'
import { sweeperAndTokensContract } from './sweeper-and-tokens-contract.ts'
import { tokenStoreContract } from './token-store-contract.ts'

/** The contract of one port, or of two that meet, to be checked on the adapter that has them. */
export interface PortContract {
  readonly name: string
  readonly cases: readonly ContractCase<Adapter>[]
}

/**
 * Every contract that an adapter must keep for the ports that it has; none when it has none. For any test runner: each
 * case is a test.
 */
export function contractsOf(adapter: Adapter): readonly PortContract[] {
  return [
    contract('ClientRepository', clientRepositoryContract, repositoryOf),
    contract('ClientRegistry', clientRegistryContract, ({ clients }) => clients),
    contract('ResourceRepository', resourceRepositoryContract, resourceRepositoryOf),
    contract('ResourceRegistry', resourceRegistryContract, ({ resources }) => resources),
    contract('ClientChanges', clientChangesContract, changesAndClientsOf),
    contract('CredentialUses', credentialUsesContract, ({ credentialUses }) => credentialUses),
    contract('CredentialUses beside clients', credentialUsesAndClientsContract, usesAndClientsOf),
    contract('SigningKeyStore', signingKeyStoreContract, ({ keys }) => keys),
    contract('TokenStore', tokenStoreContract, ({ tokens }) => tokens),
    contract('ReplayGuard', replayGuardContract, ({ replays }) => replays),
    contract('StatusIndexes', statusIndexesContract, ({ statusIndexes }) => statusIndexes),
    contract('Sweeper of tokens', sweeperAndTokensContract, sweeperAndTokensOf),
    contract('Sweeper of claims', sweeperAndReplaysContract, sweeperAndReplaysOf),
    contract('Sweeper of status lists', sweeperAndStatusIndexesContract, sweeperAndStatusIndexesOf),
    contract('Migrations', migrationsContract, ({ migrations }) => migrations),
  ].filter(({ applies }) => applies(adapter))
}

/** The same cases, asked of a whole adapter instead of the part that they are about. */
function contract<Port>(
  name: string,
  cases: readonly ContractCase<Port>[],
  portOf: (adapter: Adapter) => Port | undefined,
): PortContract & { applies(adapter: Adapter): boolean } {
  const onAdapter = (contractCase: ContractCase<Port>): ContractCase<Adapter> => ({
    title: contractCase.title,
    promise: contractCase.promise,
    async check(adapter) {
      const port = portOf(adapter)
      if (port === undefined) throw new Error(`the adapter has no ${name}`)
      await contractCase.check(port)
    },
  })
  return { name, cases: cases.map(onAdapter), applies: (adapter) => portOf(adapter) !== undefined }
}

const repositoryOf = ({ clients }: Adapter): ClientRepositorySubject | undefined =>
  clients && { clients, put: (client) => putInto(clients, client) }

async function putInto(clients: ClientRegistry, client: Client): Promise<void> {
  const known = await clients.find(client.id)
  if (known === undefined) await clients.add(client)
  else await clients.replace(client, known.version)
}

const resourceRepositoryOf = ({ resources }: Adapter): ResourceRepositorySubject | undefined =>
  resources && { resources, put: (resource) => putResource(resources, resource) }

async function putResource(resources: ResourceRegistry, resource: Resource): Promise<void> {
  const known = await resources.find(resource.identifier)
  if (known === undefined) await resources.add(resource)
  else await resources.replace(resource, known.version)
}

const changesAndClientsOf = ({
  clients,
  clientChanges,
}: Adapter): AdapterWith<'clients' | 'clientChanges'> | undefined =>
  clients && clientChanges && { clients, clientChanges }

const usesAndClientsOf = ({
  clients,
  credentialUses,
}: Adapter): AdapterWith<'clients' | 'credentialUses'> | undefined =>
  clients && credentialUses && { clients, credentialUses }

const sweeperAndTokensOf = ({ sweeper, tokens }: Adapter): AdapterWith<'sweeper' | 'tokens'> | undefined =>
  sweeper && tokens && { sweeper, tokens }

const sweeperAndReplaysOf = ({ sweeper, replays }: Adapter): AdapterWith<'sweeper' | 'replays'> | undefined =>
  sweeper && replays && { sweeper, replays }

const sweeperAndStatusIndexesOf = ({
  sweeper,
  statusIndexes,
}: Adapter): AdapterWith<'sweeper' | 'statusIndexes'> | undefined =>
  sweeper && statusIndexes && { sweeper, statusIndexes }
