import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  addClient,
  type Client,
  type ClientRegistry,
  type Credential,
  generateSecret,
  removeCompromisedCredential,
  revokeTokensOfClient,
} from '../src/index.ts'
import { NOW, reports } from './test-server.ts'

/** A registry in plain sight, in which somebody else may have written in between. */
function createRegistry(
  registered: readonly Client[] = [],
  interrupt: (clients: Map<string, Client>) => void = () => {},
) {
  const clients = new Map(registered.map((client) => [client.id, client]))
  const registry: ClientRegistry = {
    find: async (id) => clients.get(id),
    async add(client) {
      if (clients.has(client.id)) return false
      clients.set(client.id, client)
      return true
    },
    async replace(client, expectedVersion) {
      interrupt(clients)
      if (clients.get(client.id)?.version !== expectedVersion) return false
      clients.set(client.id, { ...client, version: expectedVersion + 1 })
      return true
    },
    remove: async (id) => clients.delete(id),
    list: async () => ({ clients: [...clients.values()] }),
  }
  return { registry, clients }
}

beforeEach(() => {
  vi.useFakeTimers({ now: NOW * 1000 })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('addClient', () => {
  it('lets tokens count from now on, so that none of an earlier client of that id comes back', async () => {
    const { registry, clients } = createRegistry()
    expect(await addClient({ clients: registry }, reports())).toBe(true)
    expect(clients.get('reports')).toEqual(reports({ tokensValidFrom: NOW }))
  })

  it('keeps a later time that is given', async () => {
    const { registry, clients } = createRegistry()
    await addClient({ clients: registry, clock: { now: () => NOW } }, reports({ tokensValidFrom: NOW + 60 }))
    expect(clients.get('reports')?.tokensValidFrom).toBe(NOW + 60)
  })

  it('changes nothing when the id is taken', async () => {
    const { registry, clients } = createRegistry([reports({ name: 'first' })])
    expect(await addClient({ clients: registry }, reports({ name: 'second' }))).toBe(false)
    expect(clients.get('reports')?.name).toBe('first')
  })
})

describe('revokeTokensOfClient', () => {
  it('voids every token up to this second, and answers once the next one has begun', async () => {
    const { registry, clients } = createRegistry([reports()])
    const answers: boolean[] = []
    const revoking = revokeTokensOfClient({ clients: registry }, 'reports').then((answer) => answers.push(answer))
    await vi.advanceTimersByTimeAsync(980)
    expect([clients.get('reports')?.tokensValidFrom, answers]).toEqual([NOW + 1, []])
    await vi.advanceTimersByTimeAsync(20)
    await revoking
    expect(answers).toEqual([true])
  })

  it('says when there is no such client', async () => {
    expect(await revokeTokensOfClient({ clients: createRegistry().registry }, 'reports')).toBe(false)
  })

  it('keeps what somebody else wrote in between', async () => {
    let others = 2
    const { registry, clients } = createRegistry([reports()], (stored) => {
      const client = stored.get('reports')
      if (client && others-- > 0)
        stored.set('reports', { ...client, name: `change ${others}`, version: client.version + 1 })
    })
    const revoking = revokeTokensOfClient({ clients: registry }, 'reports')
    await vi.advanceTimersByTimeAsync(1000)
    expect(await revoking).toBe(true)
    expect(clients.get('reports')).toMatchObject({ name: 'change 0', tokensValidFrom: NOW + 1, version: 4 })
  })

  it('says so when the client is removed in between', async () => {
    const { registry } = createRegistry([reports()], (stored) => stored.delete('reports'))
    expect(await revokeTokensOfClient({ clients: registry }, 'reports')).toBe(false)
  })

  it('never moves the time back', async () => {
    const { registry, clients } = createRegistry([reports({ tokensValidFrom: NOW + 5 })])
    const revoking = revokeTokensOfClient({ clients: registry }, 'reports')
    await vi.advanceTimersByTimeAsync(5000)
    expect(await revoking).toBe(true)
    expect(clients.get('reports')?.tokensValidFrom).toBe(NOW + 5)
  })

  it('passes on what the backend throws', async () => {
    const { registry } = createRegistry([reports()])
    const clients = { ...registry, replace: () => Promise.reject(new Error('away')) }
    await expect(revokeTokensOfClient({ clients }, 'reports')).rejects.toThrow('away')
  })
})

describe('removeCompromisedCredential', () => {
  const credential = (): Credential => {
    const { credentialId: id, hash } = generateSecret()
    return { kind: 'secret', id, hash }
  }
  const [stolen, other] = [credential(), credential()]

  it('takes it out, and voids what a node issues that still knows it, however its clock goes', async () => {
    const { registry, clients } = createRegistry([reports({ credentials: [stolen, other] })])
    const again = await removeCompromisedCredential({ clients: registry }, 'reports', stolen.id, 60)
    expect(again).toBeGreaterThan(NOW + 60 + 5)
    expect(clients.get('reports')).toMatchObject({ credentials: [other], tokensValidFrom: again })
  })

  it('changes nothing where there is no such client or credential', async () => {
    const { registry, clients } = createRegistry([reports({ credentials: [other] })])
    expect(await removeCompromisedCredential({ clients: registry }, 'reports', stolen.id, 5)).toBeUndefined()
    expect(await removeCompromisedCredential({ clients: registry }, 'nobody', stolen.id, 5)).toBeUndefined()
    expect(clients.get('reports')).toEqual(reports({ credentials: [other] }))
  })

  it('reckons with a write that took long', async () => {
    const { registry, clients } = createRegistry([reports({ credentials: [stolen, other] })])
    let writes = 0
    const slow: ClientRegistry = {
      ...registry,
      async replace(client, expectedVersion) {
        writes += 1
        if (writes === 1) vi.setSystemTime((NOW + 30) * 1000)
        return registry.replace(client, expectedVersion)
      },
    }
    const again = await removeCompromisedCredential({ clients: slow }, 'reports', stolen.id, 60)
    expect(again).toBeGreaterThan(NOW + 30 + 60 + 5)
    expect(clients.get('reports')).toMatchObject({ credentials: [other], tokensValidFrom: again })
  })

  it('keeps what somebody else wrote in between', async () => {
    let others = 2
    const { registry, clients } = createRegistry([reports({ credentials: [stolen] })], (stored) => {
      const client = stored.get('reports')
      if (client && others-- > 0)
        stored.set('reports', {
          ...client,
          credentials: [stolen, other],
          tokensValidFrom: NOW + 1000,
          version: client.version + 1,
        })
    })
    expect(await removeCompromisedCredential({ clients: registry }, 'reports', stolen.id, 5)).toBe(NOW + 1000)
    expect(clients.get('reports')).toMatchObject({ credentials: [other], tokensValidFrom: NOW + 1000, version: 4 })
  })
})
