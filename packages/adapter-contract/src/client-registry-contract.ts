import type { ClientRegistry } from '@latchkey/core'
import type { ClientListPromise } from './client-list-contract.ts'
import { clientListContract } from './client-list-contract.ts'
import type { ClientWritePromise } from './client-write-contract.ts'
import { clientWriteContract } from './client-write-contract.ts'
import type { ContractCase } from './contract-case.ts'

/** The sentences of {@link ClientRegistry} that its contract checks. */
export type ClientRegistryPromise = ClientWritePromise | ClientListPromise

/** What every {@link ClientRegistry} promises on top of what a repository does. */
export const clientRegistryContract: readonly ContractCase<ClientRegistry, ClientRegistryPromise>[] = [
  ...clientWriteContract,
  ...clientListContract,
]
