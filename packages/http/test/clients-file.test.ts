import { generateKeyPairSync } from 'node:crypto'
import { createMemoryAdapter } from '@latchkey/adapter-memory'
import {
  type ClientRegistry,
  createAuthorizationServer,
  createSecretSeal,
  defineClient,
  generateSecret,
} from '@latchkey/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { applyClientsFile, type ClientsFileDeps } from '../src/clients-file.ts'
import { StartRefused } from '../src/start-refused.ts'

let adapter: ReturnType<typeof createMemoryAdapter>

beforeEach(() => {
  adapter = createMemoryAdapter()
})

afterEach(() => adapter.close())

const apply = async (content: unknown, deps: Partial<ClientsFileDeps> = {}) => {
  const { clients = adapter.clients as ClientRegistry, forgetful = true, secretSeal } = deps
  const applied = await applyClientsFile('clients.json', {
    clients,
    secretSeal,
    forgetful,
    isReachable: () => true,
    readFile: () => (typeof content === 'string' ? content : JSON.stringify(content)),
  })
  return applied.clients
}

const { secret, hash, credentialId } = generateSecret()
const CHOSEN_HASH = '$scrypt$ln=15,r=8,p=3$c2FsdCBvZiAxNiBieXRlcw$fTFtPPqRHDPR1YrVPEOl9a+UDjgYpsgpMqJxlNe7Cyc'
const READER = { client_secret_hash: hash, scopes: { read: true, admin: false } }

describe('applying a clients file', () => {
  it('puts its resources beside its clients, and writes again only what changed', async () => {
    const file = (scopes: readonly string[]) =>
      JSON.stringify({
        clients: { reader: { ...READER, resources: ['urn:example:a'] } },
        resources: { 'urn:example:a': { scopes }, 'urn:example:b': {} },
      })
    const start = (content: string) =>
      applyClientsFile('clients.json', {
        clients: adapter.clients,
        resources: adapter.resources,
        forgetful: true,
        isReachable: () => true,
        readFile: () => content,
      })
    expect((await start(file(['read']))).resources).toEqual([
      { identifier: 'urn:example:a', change: 'added', members: [] },
      { identifier: 'urn:example:b', change: 'added', members: [] },
    ])
    expect((await start(file(['read']))).resources).toMatchObject([{ change: 'same' }, { change: 'same' }])
    expect(await adapter.resources.find('urn:example:a')).toMatchObject({ scopes: ['read'], version: 1 })
    expect((await start(file(['read', 'write']))).resources).toEqual([
      { identifier: 'urn:example:a', change: 'changed', members: ['scopes'] },
      { identifier: 'urn:example:b', change: 'same', members: [] },
    ])
    expect(await adapter.resources.list()).toMatchObject([
      { identifier: 'urn:example:a', scopes: ['read', 'write'], version: 2 },
      { identifier: 'urn:example:b', version: 1 },
    ])
    expect(await adapter.clients.find('reader')).toMatchObject({ resources: ['urn:example:a'] })
    await expect(apply(file([]))).rejects.toThrow('resources: the client storage has no place for them')
  })

  it('registers its clients, and their secrets open the server', async () => {
    const applied = await apply({
      TrendyNewService: { client_secret: 'TopSecretClientSecret', scopes: { post_images: true, annoy_friends: false } },
      reader: READER,
    })
    expect(applied).toEqual([
      { id: 'TrendyNewService', change: 'added', members: [], hasHumanChosenSecret: true },
      { id: 'reader', change: 'added', members: [], hasHumanChosenSecret: false },
    ])
    const server = createAuthorizationServer({ issuer: 'http://localhost', ...adapter })
    const chosen = await server.verifyClient({ clientId: 'TrendyNewService', clientSecret: 'TopSecretClientSecret' })
    expect(chosen.scopes).toEqual(['post_images'])
    const generated = await server.verifyClient({ clientId: 'reader', clientSecret: secret })
    expect(generated.credential.id).toBe(credentialId)
  })

  it('changes clients that are there as far as it names them, and leaves the others', async () => {
    const byHand = { kind: 'secret', id: 'by-hand', hash: CHOSEN_HASH } as const
    const reader = defineClient({ id: 'reader', name: 'mine', tokensValidFrom: 1_000, credentials: [byHand] })
    await adapter.clients.add(reader)
    await adapter.clients.add(defineClient({ id: 'other' }))
    expect(await apply({ reader: READER })).toEqual([
      { id: 'reader', change: 'changed', members: ['credentials', 'scopes'], hasHumanChosenSecret: true },
    ])
    const filed = { kind: 'secret', id: credentialId, hash, origin: 'file' }
    expect(await adapter.clients.find('reader')).toEqual({
      ...reader,
      version: 2,
      scopes: [
        { name: 'read', enabled: true },
        { name: 'admin', enabled: false },
      ],
      credentials: [byHand, filed],
    })
    expect(await adapter.clients.find('other')).toMatchObject({ version: 1 })
  })

  it('writes nothing when a client is as the file says already, in whatever order its members are kept', async () => {
    await apply({ reader: READER })
    const clients: ClientRegistry = {
      ...adapter.clients,
      async find(id) {
        const client = await adapter.clients.find(id)
        return client && (Object.fromEntries(Object.entries(client).toReversed()) as unknown as typeof client)
      },
    }
    expect(await apply({ reader: READER }, { clients })).toMatchObject([{ change: 'same', members: [] }])
    expect(await adapter.clients.find('reader')).toMatchObject({ version: 1 })
  })

  it('replaces a changed secret at once, and keeps one that was not', async () => {
    const before = { a: { client_secret: 'first secret' }, b: { client_secret: 'the same' } }
    await apply(before)
    const kept = await adapter.clients.find('b')
    expect(await apply({ ...before, a: { client_secret: 'second secret' } })).toMatchObject([
      { id: 'a', change: 'changed', members: ['credentials'] },
      { id: 'b', change: 'same' },
    ])
    expect(await adapter.clients.find('b')).toEqual(kept)
    const server = createAuthorizationServer({ issuer: 'http://localhost', ...adapter })
    await expect(server.verifyClient({ clientId: 'a', clientSecret: 'first secret' })).rejects.toThrow(
      'client authentication failed',
    )
    expect((await server.verifyClient({ clientId: 'a', clientSecret: 'second secret' })).client.id).toBe('a')
  })

  it('is applied once by several nodes at once where a client signs with its secret', async () => {
    const seal = createSecretSeal({ masterKey: 'ephemeral' })
    const signer = { token_endpoint_auth_method: 'client_secret_jwt', client_secret: secret }
    const nodes = () =>
      Promise.all(Array.from({ length: 10 }, () => apply({ signer }, { forgetful: false, secretSeal: seal })))
    await adapter.clients.add(defineClient({ id: 'signer', credentials: [{ kind: 'secret', id: credentialId, hash }] }))
    const changes = (await nodes()).flat().map(({ change }) => change)
    expect(changes.toSorted()).toEqual(['changed', ...Array.from({ length: 9 }, () => 'same')])
    const sealed = await adapter.clients.find('signer')
    expect(sealed).toMatchObject({ version: 2, credentials: [{ hash, sealed: expect.any(String) }] })
    expect((await nodes()).flat().every(({ change }) => change === 'same')).toBe(true)
    const shown = { signer: { token_endpoint_auth_method: 'client_secret_basic', client_secret: secret } }
    await apply(shown, { secretSeal: seal })
    expect((await adapter.clients.find('signer'))?.credentials).toEqual([
      { kind: 'secret', id: credentialId, hash, origin: 'file' },
    ])
  })

  it('counts no secret as chosen that its client signs with, and never shows', async () => {
    const signer = { token_endpoint_auth_method: 'client_secret_jwt', client_secret: 'TopSecretClientSecret'.repeat(2) }
    const applied = await apply({ signer }, { secretSeal: createSecretSeal({ masterKey: 'ephemeral' }) })
    expect(applied).toEqual([{ id: 'signer', change: 'added', members: [], hasHumanChosenSecret: false }])
  })

  it('registers no key that is weak or private, and no two where one is meant', async () => {
    const jwkOf = (bits: number, half: 'publicKey' | 'privateKey') =>
      generateKeyPairSync('rsa', { modulusLength: bits })[half].export({ format: 'jwk' })
    const good = jwkOf(2048, 'publicKey')
    const privateKey = jwkOf(2048, 'privateKey')
    const error = await apply({
      weak: { jwks: { keys: [jwkOf(1024, 'publicKey')] } },
      private: { jwks: { keys: [privateKey] } },
      both: { jwks: { keys: [good] }, jwks_uri: 'https://keys.example/' },
      names: { tls_client_auth_san_dns: 'a.example', tls_client_auth_subject_dn: 'CN=a' },
      none: { token_endpoint_auth_method: 'none' },
      short: { token_endpoint_auth_method: 'client_secret_jwt', client_secret: 'needle' },
      good: { jwks: { keys: [good] } },
    }).catch((reason: unknown) => reason)
    const { problems } = error as StartRefused
    expect(problems).toEqual([
      expect.stringMatching(/client "weak": .*jwks.*2048/),
      expect.stringMatching(/client "private": .*jwks.*public half alone/),
      expect.stringMatching(/client "both": .*jwks_uri/),
      expect.stringMatching(/client "names": .*tls_client_auth_san_dns/),
      expect.stringMatching(/client "none": .*no public clients/),
      expect.stringMatching(/client "short": .*at least 32 bytes/),
    ])
    expect(problems.join()).not.toContain(privateKey['d'])
    expect(problems.join()).not.toContain('needle')
    expect(await adapter.clients.find('good')).toBeUndefined()
  })

  it('says what cannot be changed, with the setting and the file', async () => {
    await adapter.clients.add(defineClient({ id: 'a', scopes: { write: true }, defaultScopes: ['write'] }))
    const error = await apply({ a: { scope: 'read' } }).catch((reason: unknown) => reason)
    expect((error as StartRefused).problems).toEqual([
      'LATCHKEY_CLIENTS_FILE: clients.json: client "a": default scope "write" is not among its scopes',
    ])
  })

  it('refuses a grant type that no client of this server could use', async () => {
    const error = await apply({ a: { grant_types: ['client_credential', 'client_credentials'] } }).catch(
      (reason: unknown) => reason,
    )
    expect((error as StartRefused).problems).toEqual([
      'LATCHKEY_CLIENTS_FILE: clients.json: client "a": grant_types: "client_credential" is no grant of this server; it has client_credentials',
    ])
  })

  it('lets no tokens of a removed client live again, unless the registry forgets with every start', async () => {
    const before = Math.floor(Date.now() / 1000)
    await apply({ lasting: {} }, { forgetful: false })
    await apply({ forgotten: {} }, { forgetful: true })
    expect((await adapter.clients.find('lasting'))?.tokensValidFrom).toBeGreaterThanOrEqual(before)
    expect((await adapter.clients.find('forgotten'))?.tokensValidFrom).toBe(0)
  })

  it('is applied once when other nodes do the same at the same moment', async () => {
    const nodes = Array.from({ length: 10 }, () => apply({ reader: READER, writer: {} }, { forgetful: false }))
    const changes = (await Promise.all(nodes)).flat().map(({ id, change }) => `${id}: ${change}`)
    for (const id of ['reader', 'writer']) expect(changes.filter((change) => change === `${id}: added`)).toHaveLength(1)
    expect(changes.filter((change) => change.endsWith(': same'))).toHaveLength(18)
    expect(await adapter.clients.find('reader')).toMatchObject({ version: 1 })
  })

  it('loses nothing that somebody else changes at the same moment', async () => {
    await adapter.clients.add(defineClient({ id: 'reader' }))
    let others = 3
    const clients: ClientRegistry = {
      ...adapter.clients,
      async replace(client, expectedVersion) {
        const current = await adapter.clients.find('reader')
        if (others-- > 0 && current !== undefined)
          await adapter.clients.replace({ ...current, name: `change ${others}` }, current.version)
        return adapter.clients.replace(client, expectedVersion)
      },
    }
    await apply({ reader: READER }, { clients })
    expect(await adapter.clients.find('reader')).toMatchObject({
      name: 'change 0',
      credentials: [{ id: credentialId }],
    })
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
    expect(await apply(file, { clients })).toHaveLength(10)
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
      applyClientsFile('/run/clients.json', {
        clients: adapter.clients,
        forgetful: true,
        isReachable: () => true,
        readFile,
      }),
    ).rejects.toThrow('LATCHKEY_CLIENTS_FILE: cannot read /run/clients.json: permission is denied')
    await expect(apply('{"a": needle}')).rejects.toThrow(/^LATCHKEY_CLIENTS_FILE: clients\.json: it is not valid JSON/)
  })
})
