import type { ContractCase } from '@latchkey/adapter-contract'
import {
  adapterContract,
  clientChangesBetweenNodesContract,
  clientChangesContract,
  clientRegistryContract,
  clientRepositoryContract,
  credentialUsesAndClientsContract,
  credentialUsesContract,
  firstMigrationsContract,
  migrationsContract,
  openAdapterContract,
  replayGuardContract,
  resourceRegistryContract,
  resourceRepositoryContract,
  signingKeyStoreContract,
  statusIndexesContract,
  sweeperAndReplaysContract,
  sweeperAndStatusIndexesContract,
  sweeperAndTokensContract,
  tokenStoreContract,
} from '@latchkey/adapter-contract'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Broken } from './broken-stores/broken.ts'
import { brokenAdapters, brokenOpenAdapters } from './broken-stores/broken-adapters.ts'
import { brokenChangesBetweenNodes, brokenClientChanges } from './broken-stores/broken-client-changes.ts'
import { brokenClientRegistries } from './broken-stores/broken-client-registries.ts'
import { brokenClientRepositories } from './broken-stores/broken-client-repositories.ts'
import { brokenCredentialUses, brokenUsesBesideClients } from './broken-stores/broken-credential-uses.ts'
import { brokenFirstMigrations, brokenMigrations } from './broken-stores/broken-migrations.ts'
import { brokenReplayGuards } from './broken-stores/broken-replay-guards.ts'
import { brokenResourceRegistries } from './broken-stores/broken-resource-registries.ts'
import { brokenResourceRepositories } from './broken-stores/broken-resource-repositories.ts'
import { brokenSigningKeyStores } from './broken-stores/broken-signing-key-stores.ts'
import { brokenStatusIndexes, brokenSweepersOfStatusIndexes } from './broken-stores/broken-status-indexes.ts'
import { brokenSweepersOfClaims, brokenSweepersOfTokens } from './broken-stores/broken-sweepers.ts'
import { brokenTokenStores } from './broken-stores/broken-token-stores.ts'
import { createHonestAdapter } from './honest-adapter.ts'
import {
  honestFirstNodes,
  honestNodes,
  honestOpenAdapter,
  honestRepository,
  honestResourceRepository,
} from './honest-subjects.ts'

// What is never told is waited for in vain: the clock jumps there.
beforeAll(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  vi.setTimerTickMode('nextTimerAsync')
})
afterAll(() => vi.useRealTimers())

contractCatches('ClientRepository', clientRepositoryContract, brokenClientRepositories, honestRepository)
contractCatches('ClientRegistry', clientRegistryContract, brokenClientRegistries, () => createHonestAdapter().clients)
contractCatches('ResourceRepository', resourceRepositoryContract, brokenResourceRepositories, honestResourceRepository)
contractCatches(
  'ResourceRegistry',
  resourceRegistryContract,
  brokenResourceRegistries,
  () => createHonestAdapter().resources,
)
contractCatches('ClientChanges', clientChangesContract, brokenClientChanges, createHonestAdapter)
contractCatches('changes between nodes', clientChangesBetweenNodesContract, brokenChangesBetweenNodes, honestNodes)
contractCatches(
  'CredentialUses',
  credentialUsesContract,
  brokenCredentialUses,
  () => createHonestAdapter().credentialUses,
)
contractCatches('uses beside clients', credentialUsesAndClientsContract, brokenUsesBesideClients, createHonestAdapter)
contractCatches('SigningKeyStore', signingKeyStoreContract, brokenSigningKeyStores, () => createHonestAdapter().keys)
contractCatches('TokenStore', tokenStoreContract, brokenTokenStores, () => createHonestAdapter().tokens)
contractCatches('ReplayGuard', replayGuardContract, brokenReplayGuards, () => createHonestAdapter().replays)
contractCatches('Sweeper of tokens', sweeperAndTokensContract, brokenSweepersOfTokens, createHonestAdapter)
contractCatches('Sweeper of claims', sweeperAndReplaysContract, brokenSweepersOfClaims, createHonestAdapter)
contractCatches('StatusIndexes', statusIndexesContract, brokenStatusIndexes, () => createHonestAdapter().statusIndexes)
contractCatches(
  'Sweeper of status lists',
  sweeperAndStatusIndexesContract,
  brokenSweepersOfStatusIndexes,
  createHonestAdapter,
)
contractCatches('Migrations', migrationsContract, brokenMigrations, () => createHonestAdapter().migrations)
contractCatches('first migrations', firstMigrationsContract, brokenFirstMigrations, () => honestFirstNodes)
contractCatches('Adapter', adapterContract, brokenAdapters, () => async () => createHonestAdapter())
contractCatches('OpenAdapter', openAdapterContract, brokenOpenAdapters, () => honestOpenAdapter)

function contractCatches<Port, Promised extends string>(
  name: string,
  contract: readonly ContractCase<Port, Promised>[],
  brokenStores: Broken<Port, Promised>,
  honest: () => Port,
): void {
  describe(`contract of ${name}`, () => {
    const promises = Object.keys(brokenStores) as Promised[]

    it('has a broken store for every promise that a case names, and a case for every broken store', () => {
      expect([...new Set(contract.map(({ promise }) => promise))].sort()).toEqual(promises.sort())
      expect(promises.filter((promise) => Object.keys(brokenStores[promise]).length === 0)).toEqual([])
    })

    it('has no two cases of one title', () => {
      expect(new Set(contract.map(({ title }) => title)).size).toBe(contract.length)
    })

    it('lets an honest store pass, whether cases run one after the other, in reverse or all at once', async () => {
      const port = honest()
      for (const contractCase of [...contract, ...contract.toReversed()]) await contractCase.check(port)
      const atOnce = [...contract, ...contract].map((contractCase) => contractCase.check(port))
      await expect(Promise.all(atOnce)).resolves.toBeDefined()
    })

    const caught = new Set<string>()
    for (const promise of promises)
      describe(`promise ${promise}`, () => {
        const cases = contract.filter((contractCase) => contractCase.promise === promise)
        for (const [what, breakIt] of Object.entries(brokenStores[promise]))
          it(`catches one that ${what}`, async () => {
            const failed: string[] = []
            for (const contractCase of cases)
              await contractCase.check(breakIt(honest())).catch(() => failed.push(contractCase.title))
            expect(failed, 'no case noticed').not.toEqual([])
            for (const title of failed) caught.add(title)
          })
      })

    it('has no case that catches nothing', () => {
      expect(contract.map(({ title }) => title).filter((title) => !caught.has(title))).toEqual([])
    })
  })
}
