import { createMemoryAdapter } from '@latchkey/adapter-memory'
import { generateSecret } from '@latchkey/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { secretSealOf } from '../src/secret-seal.ts'
import { StartRefused } from '../src/start-refused.ts'
import { type KeptStorage, keep, latchkey } from './cli/latchkey.ts'
import { asserting, assertionOf } from './client-assertions.ts'
import { sendTo } from './hosts.ts'
import { startedService } from './started-service.ts'
import { FORM } from './test-server.ts'

const ISSUER = 'http://localhost:4000'
const MASTER_KEY = 'A'.repeat(43)
const OTHER_KEY = `${'B'.repeat(42)}A`
const { secret, hash } = generateSecret()

let storage: KeptStorage
beforeEach(async () => {
  // Without signing keys, which would tell a wrong master key as well.
  storage = await keep({ keys: undefined } as never)
})
afterEach(() => storage.end())

const FILE = { signer: { token_endpoint_auth_method: 'client_secret_jwt', client_secret: secret, scope: 'read' } }
const withFile = (file: object = FILE) => ({
  settings: { LATCHKEY_CLIENTS_FILE: 'clients.json' },
  deps: { readFile: () => JSON.stringify(file) },
})

const start = (settings: Readonly<Record<string, string>>, file?: object) =>
  startedService(
    { ...storage.environment, ...(file && withFile(file).settings), ...settings },
    file && withFile(file).deps,
  )

const ask = async (port: number, claims = {}) =>
  sendTo(port, {
    path: '/oauth2/token',
    headers: { 'content-type': FORM },
    body: asserting(await assertionOf({ alg: 'HS256', privateKey: Buffer.from(secret) }, 'signer', ISSUER, claims)),
  })

/** Starts, asks for a token, and ends. */
async function statusAfter(settings: Readonly<Record<string, string>>, file?: object): Promise<number> {
  const { service, port } = await start(settings, file)
  const { status } = await ask(port)
  await service.close()
  return status
}

const stored = async () => storage.adapter.clients?.find('signer')

describe('a client that signs with its secret', () => {
  it('needs no master key where clients are forgotten with the process', async () => {
    const { settings, deps } = withFile()
    const { service, port } = await startedService(settings, deps)
    expect((await ask(port)).status).toBe(200)
    expect(service.server.metadata.token_endpoint_auth_methods_supported).toContain('client_secret_jwt')
    await service.close()
  })

  it('is named, and the start refused, where its secret could be kept in clear only', async () => {
    const other = { token_endpoint_auth_method: 'client_secret_jwt' }
    const error = await start({}, { ...FILE, other, plain: {} }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(StartRefused)
    const { problems } = error as StartRefused
    expect(problems).toEqual(
      ['signer', 'other'].map(
        (id) =>
          `LATCHKEY_CLIENTS_FILE: clients.json: client "${id}": client_secret_jwt needs LATCHKEY_MASTER_KEY: the client storage keeps its secret, and keeps it encrypted`,
      ),
    )
    expect(problems.join()).not.toContain(secret)
    expect(await storage.adapter.clients?.list({ limit: 9 })).toEqual({ clients: [] })
  })

  it('is written once by the starts that read the same file, and its secret is kept nowhere in clear', async () => {
    expect(await statusAfter({ LATCHKEY_MASTER_KEY: MASTER_KEY }, FILE)).toBe(200)
    const first = await stored()
    expect(first?.credentials).toMatchObject([{ kind: 'secret', hash, sealed: expect.stringMatching(/^v1\./) }])
    expect(JSON.stringify(first)).not.toContain(secret)
    expect(await statusAfter({ LATCHKEY_MASTER_KEY: MASTER_KEY }, FILE)).toBe(200)
    const changed = { LATCHKEY_MASTER_KEY: OTHER_KEY, LATCHKEY_MASTER_KEY_PREVIOUS: MASTER_KEY }
    expect(await statusAfter(changed, FILE)).toBe(200)
    expect(await stored()).toEqual(first)
  })

  it('has its secret of the file sealed anew by the first start without the previous master key', async () => {
    await statusAfter({ LATCHKEY_MASTER_KEY: MASTER_KEY }, FILE)
    expect(await statusAfter({ LATCHKEY_MASTER_KEY: OTHER_KEY }, FILE)).toBe(200)
    expect(await stored()).toMatchObject({ version: 2, credentials: [{ hash }] })
    const both = { LATCHKEY_MASTER_KEY: OTHER_KEY, LATCHKEY_MASTER_KEY_PREVIOUS: MASTER_KEY }
    expect(await statusAfter(both)).toBe(200)
  })

  it('is refused as a stranger is while there is no master key, and neither right nor wrong under another', async () => {
    await statusAfter({ LATCHKEY_MASTER_KEY: MASTER_KEY }, FILE)
    const { service, port } = await start({})
    expect(service.server.metadata.token_endpoint_auth_methods_supported).not.toContain('client_secret_jwt')
    const answer = await ask(port)
    expect(answer.status).toBe(401)
    expect(await ask(port, { iss: 'nobody', sub: 'nobody' })).toEqual(answer)
    await service.close()
    expect(await statusAfter({ LATCHKEY_MASTER_KEY: OTHER_KEY })).toBe(503)
  })

  it('is left alone by a node whose master key is not that of the others', async () => {
    const { end } = storage
    storage = await keep()
    await end()
    await statusAfter({ LATCHKEY_MASTER_KEY: MASTER_KEY }, FILE)
    const before = await stored()
    await expect(start({ LATCHKEY_MASTER_KEY: OTHER_KEY }, FILE)).rejects.toThrow('is it the right master key?')
    expect(await stored()).toEqual(before)
  })

  it('gets in by a secret that the command line has made', async () => {
    const environment = { ...storage.environment, LATCHKEY_MASTER_KEY: MASTER_KEY }
    const words = ['client', 'add', 'made', '--auth-method', 'client_secret_jwt', '--json']
    const { out } = await latchkey(words, { environment })
    const { client_secret: made = '' } = JSON.parse(out) as Record<string, string>
    const { service, port } = await start({ LATCHKEY_MASTER_KEY: MASTER_KEY })
    const assertion = await assertionOf({ alg: 'HS512', privateKey: Buffer.from(made) }, 'made', ISSUER)
    const sent = { path: '/oauth2/token', headers: { 'content-type': FORM }, body: asserting(assertion) }
    expect((await sendTo(port, sent)).status).toBe(200)
    await service.close()
  })
})

describe('assertions', () => {
  it('may live as long as the operator says', async () => {
    const { settings, deps } = withFile()
    const later = { exp: Math.floor(Date.now() / 1000) + 200 }
    for (const [most, status] of [
      ['300', 200],
      ['100', 401],
    ] as const) {
      const { service, port } = await startedService({ ...settings, LATCHKEY_MAX_ASSERTION_LIFETIME: most }, deps)
      expect((await ask(port, later)).status).toBe(status)
      await service.close()
    }
  })
})

describe('the seal', () => {
  it('is there where it can be opened again, and nowhere else', async () => {
    const signing = { masterKey: undefined, previousMasterKey: undefined } as never
    expect(secretSealOf({ signing }, { forgetsClients: false })).toBeUndefined()
    const seal = secretSealOf({ signing }, { forgetsClients: createMemoryAdapter().forgetful === true })
    const owner = { clientId: 'a', credentialId: 'b' }
    expect(await seal?.unseal(owner, await seal.seal(owner, 'needle'))).toBe('needle')
  })
})
