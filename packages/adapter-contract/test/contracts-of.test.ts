import { contractsOf } from '@latchkey/adapter-contract'
import { describe, expect, it } from 'vitest'
import { createHonestAdapter } from './honest-adapter.ts'

const namesOf = (ports: object): readonly string[] =>
  contractsOf({ check: async () => {}, close: async () => {}, ...ports }).map(({ name }) => name)

describe('the contracts of an adapter', () => {
  it('are those of the ports that it has', () => {
    const honest = createHonestAdapter()
    const { clients, clientChanges, credentialUses, keys, tokens, replays, sweeper, migrations, resources } = honest
    expect(namesOf({ resources })).toEqual(['ResourceRepository', 'ResourceRegistry'])
    expect(namesOf({ clients })).toEqual(['ClientRepository', 'ClientRegistry'])
    expect(namesOf({ clients, credentialUses })).toContain('CredentialUses beside clients')
    expect(namesOf({ clients, clientChanges })).toContain('ClientChanges')
    expect(namesOf({ keys })).toEqual(['SigningKeyStore'])
    expect(namesOf({ tokens })).toEqual(['TokenStore'])
    expect(namesOf({ tokens, sweeper })).toEqual(['TokenStore', 'Sweeper of tokens'])
    expect(namesOf({ replays, sweeper })).toEqual(['ReplayGuard', 'Sweeper of claims'])
    expect(namesOf({ migrations })).toEqual(['Migrations'])
    expect(namesOf(createHonestAdapter())).toHaveLength(15)
  })

  it('are none for an adapter without ports', () => {
    expect(namesOf({})).toEqual([])
  })

  it('can be kept all at once, by one adapter that lives through them again and again', async () => {
    const adapter = createHonestAdapter()
    const checkAll = () => contractsOf(adapter).flatMap(({ cases }) => cases.map(({ check }) => check(adapter)))
    await expect(Promise.all([...checkAll(), ...checkAll()])).resolves.toBeDefined()
    await expect(Promise.all(checkAll())).resolves.toBeDefined()
  })

  it('say which port is missing, when they are asked of another adapter', async () => {
    const [contract] = contractsOf(createHonestAdapter())
    const check = contract?.cases[0]?.check({ check: async () => {}, close: async () => {} })
    await expect(check).rejects.toThrow('the adapter has no ClientRepository')
  })
})
