import { createMemoryAdapter } from '@latchkey/adapter-memory'
import { type ClientRegistry, createAuthorizationServer, defineClient, generateSecret } from '@latchkey/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { applyClientsFile } from '../src/clients-file.ts'
import { StartRefused } from '../src/start-refused.ts'

let adapter: ReturnType<typeof createMemoryAdapter>

beforeEach(() => {
  adapter = createMemoryAdapter()
})

afterEach(() => adapter.close())

const apply = (content: unknown, { clients = adapter.clients as ClientRegistry, forgetful = true } = {}) =>
  applyClientsFile('clients.json', {
    clients,
    forgetful,
    readFile: () => (typeof content === 'string' ? content : JSON.stringify(content)),
  })

const { secret, hash, credentialId } = generateSecret()
const READER = { client_secret_hash: hash, scopes: { read: true, admin: false } }

describe('applying a clients file', () => {
  it('registers its clients, and their secrets open the server', async () => {
    const count = await apply({
      TrendyNewService: { client_secret: 'TopSecretClientSecret', scopes: { post_images: true, annoy_friends: false } },
      reader: READER,
    })
    expect(count).toBe(2)
    const server = createAuthorizationServer({ issuer: 'http://localhost', ...adapter })
    const chosen = await server.verifyClient({ clientId: 'TrendyNewService', clientSecret: 'TopSecretClientSecret' })
    expect(chosen.scopes).toEqual(['post_images'])
    const generated = await server.verifyClient({ clientId: 'reader', clientSecret: secret })
    expect(generated.credential.id).toBe(credentialId)
  })

  it('replaces clients that are there, leaves the others, and keeps their tokens void', async () => {
    await adapter.clients.add(defineClient({ id: 'reader', tokensValidFrom: 1_000 }))
    await adapter.clients.add(defineClient({ id: 'other' }))
    await apply({ reader: READER })
    expect(await adapter.clients.find('reader')).toMatchObject({ tokensValidFrom: 1_000, version: 2 })
    expect(await adapter.clients.find('other')).toMatchObject({ version: 1 })
  })

  it('lets no tokens of a removed client live again, unless the registry forgets with every start', async () => {
    const before = Math.floor(Date.now() / 1000)
    await apply({ lasting: {} }, { forgetful: false })
    await apply({ forgotten: {} }, { forgetful: true })
    expect((await adapter.clients.find('lasting'))?.tokensValidFrom).toBeGreaterThanOrEqual(before)
    expect((await adapter.clients.find('forgotten'))?.tokensValidFrom).toBe(0)
  })

  it('wins in the end when other nodes do the same at the same moment', async () => {
    await Promise.all(Array.from({ length: 10 }, () => apply({ reader: READER, writer: {} })))
    expect(await adapter.clients.find('reader')).toMatchObject({ version: 10 })
  })

  it('hashes no more than two secrets at once', async () => {
    let underWay = 0
    let most = 0
    const clients: ClientRegistry = {
      ...adapter.clients,
      async find(id) {
        underWay += 1
        most = Math.max(most, underWay)
        await new Promise((resolve) => setTimeout(resolve, 5))
        underWay -= 1
        return adapter.clients.find(id)
      },
    }
    const file = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`client-${index}`, {}]))
    expect(await apply(file, { clients })).toBe(10)
    expect(most).toBe(2)
  })

  it('tells every fault in a line of its own, with the setting and the file, and repeats no secret', async () => {
    const file = { a: { client_secret: 'needle\u0000', scops: {} }, 'b c': {} }
    const error = await apply(file).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(StartRefused)
    const { problems } = error as StartRefused
    expect(problems.length).toBeGreaterThanOrEqual(3)
    for (const problem of problems) expect(problem).toMatch(/^LATCHKEY_CLIENTS_FILE: clients\.json: client "/)
    expect(problems.join('')).toContain('did you mean scope')
    expect(problems.join('')).not.toContain('needle')
  })

  it('registers nobody when one of them is wrong', async () => {
    await expect(apply({ good: {}, bad: { nonsense: 1 } })).rejects.toThrow(StartRefused)
    expect(await adapter.clients.find('good')).toBeUndefined()
  })

  it('says that the file cannot be read, or is no JSON', async () => {
    const readFile = () => {
      throw Object.assign(new Error('EACCES'), { code: 'EACCES' })
    }
    await expect(
      applyClientsFile('/run/clients.json', { clients: adapter.clients, forgetful: true, readFile }),
    ).rejects.toThrow('LATCHKEY_CLIENTS_FILE: cannot read /run/clients.json: permission is denied')
    await expect(apply('{"a": needle}')).rejects.toThrow(/^LATCHKEY_CLIENTS_FILE: clients\.json: it is not valid JSON/)
  })
})
