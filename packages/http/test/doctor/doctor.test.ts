import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineClient } from '@latchkey/core'
import { afterEach, describe, expect, it } from 'vitest'
import type { Finding } from '../../src/doctor/finding.ts'
import { lookAtTls } from '../../src/doctor/look-at-tls.ts'
import { lookAtWorkers } from '../../src/doctor/look-at-workers.ts'
import { type KeptStorage, keep, latchkey } from '../cli/latchkey.ts'
import { CERT, KEY } from '../tls-key-pair.ts'

const open: KeptStorage[] = []
const directories: string[] = []
afterEach(async () => {
  for (const storage of open.splice(0)) await storage.end()
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true })
})

async function kept(...given: Parameters<typeof keep>) {
  const storage = await keep(...given)
  open.push(storage)
  return storage
}

async function fileOf(content: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'latchkey-doctor-'))
  directories.push(directory)
  const path = join(directory, 'clients.json')
  await writeFile(path, content)
  return path
}

const SERVES = { LATCHKEY_ISSUER: 'https://auth.example.com' }

async function doctor(environment: Readonly<Record<string, string>>) {
  const { code, out, err } = await latchkey(['doctor', '--json'], { environment: { ...SERVES, ...environment } })
  const { ok, checks: all } = JSON.parse(out) as { readonly ok: boolean; readonly checks: readonly Finding[] }
  expect([code, err]).toEqual([ok ? 0 : 1, ''])
  // How far it is from FAPI 2.0 is told last, in any case.
  const [checks, fapi2] = [false, true].map((isIt) => all.filter(({ check }) => (check === 'fapi2') === isIt))
  return { ok, checks: checks ?? [], fapi2: fapi2 ?? [], notOk: (checks ?? []).filter(({ status }) => status !== 'ok') }
}

describe('latchkey doctor', () => {
  it('finds nothing wrong where nothing is', async () => {
    const { environment, adapter } = await kept()
    await adapter.clients?.add(defineClient({ id: 'reports' }))
    const { ok, checks } = await doctor(environment)
    expect(ok).toBe(true)
    expect(checks.map(({ check, status }) => [check, status])).toEqual([
      ['configuration', 'ok'],
      ['storage', 'ok'],
    ])
  })

  it('says on a line each what it looked at, and below it what to do', async () => {
    const { environment } = await kept()
    const { code, out } = await latchkey(['doctor'], { environment: { ...SERVES, ...environment } })
    expect(code).toBe(0)
    expect(out).toMatch(/^ok +configuration +the settings are right; the issuer is https:\/\/auth\.example\.com\n/)
    expect(out).toMatch(/^warning +storage +.*nobody may ask for tokens yet\n +→ latchkey client add <id> registers/m)
  })

  it('warns of what must not go into production, and that memory forgets', async () => {
    const { ok, notOk } = await doctor({ LATCHKEY_ISSUER: 'http://localhost:4000' })
    expect(ok).toBe(true)
    expect(notOk.map(({ check, message }) => [check, message])).toEqual([
      ['configuration', expect.stringMatching(/^FOR DEVELOPMENT ONLY/)],
      ['storage', expect.stringMatching(/gone when the service ends/)],
      ['storage', expect.stringMatching(/nobody may ask/)],
    ])
  })

  it('tells of every wrong setting, and looks at the storage all the same', async () => {
    const { environment } = await kept({ check: () => Promise.reject(new Error('it is away')) })
    const { notOk } = await doctor({ ...environment, LATCHKEY_PORT: 'x', LATCHKEY_ISSUER: 'nonsense' })
    expect(notOk.map(({ check, status, message }) => [check, status, message])).toEqual([
      ['configuration', 'wrong', expect.stringMatching(/^LATCHKEY_ISSUER /)],
      ['configuration', 'wrong', expect.stringMatching(/^LATCHKEY_PORT /)],
      ['storage', 'wrong', 'LATCHKEY_STORAGE: it is away'],
    ])
  })

  it.each([
    ['the module of a storage that is not there', './nowhere.mjs', /^LATCHKEY_STORAGE: /],
    ['a scheme that nobody knows', 'mysql://u:needle@h/d', /^LATCHKEY_STORAGE: mysql: is not known/],
    ['a database that nobody answers for', 'postgres://u:needle@127.0.0.1:1/d', /^LATCHKEY_STORAGE: .*ECONNREFUSED/],
    ['a Redis that nobody answers for', 'redis://:needle@127.0.0.1:1', /^LATCHKEY_STORAGE: /],
  ])('finds %s', async (_what, LATCHKEY_STORAGE, message) => {
    const { notOk } = await doctor({ LATCHKEY_STORAGE })
    expect(notOk).toEqual([
      { check: 'storage', status: 'wrong', message: expect.stringMatching(message), advice: expect.any(String) },
    ])
    expect(JSON.stringify(notOk)).not.toContain('needle')
  })

  it('finds migrations that are pending', async () => {
    const migrations = { pending: async () => ['0002-second'], apply: async () => [] }
    const { notOk } = await doctor((await kept({ migrations })).environment)
    expect(notOk).toEqual([
      {
        check: 'storage',
        status: 'wrong',
        message: 'LATCHKEY_STORAGE: a migration is pending (0002-second)',
        advice: 'run latchkey migrate',
      },
    ])
  })

  it('finds nothing wrong with them where the service applies them itself', async () => {
    const migrations = { pending: async () => ['0002-second'], apply: async () => [] }
    const { environment } = await kept({ migrations })
    const { ok, notOk } = await doctor({ ...environment, LATCHKEY_AUTO_MIGRATE: 'true' })
    expect([ok, notOk]).toMatchObject([true, [{ status: 'warning', message: expect.stringMatching(/pending/) }]])
  })

  it('looks at both halves, and repeats what the adapters warn of', async () => {
    const clients = await kept({ warnings: ['it is slow'] })
    const half = await kept()
    Object.assign(half.adapter, { tokens: undefined })
    const { checks } = await doctor({ LATCHKEY_CLIENT_STORAGE: clients.storage, LATCHKEY_TOKEN_STORAGE: half.storage })
    expect(checks.map(({ check, status, message }) => [check, status, message]).slice(1)).toEqual([
      ['client_storage', 'ok', expect.any(String)],
      ['client_storage', 'warning', 'LATCHKEY_CLIENT_STORAGE: it is slow'],
      ['client_storage', 'warning', 'LATCHKEY_CLIENT_STORAGE: nobody may ask for tokens yet'],
      ['token_storage', 'wrong', 'LATCHKEY_TOKEN_STORAGE: the adapter has no port "tokens", which is needed'],
    ])
  })

  it('reads what the service reads, so that missing rights are found', async () => {
    const { environment, adapter } = await kept()
    Object.assign(adapter, {
      tokens: { ...adapter.tokens, find: () => Promise.reject(new Error('permission denied')) },
    })
    expect((await doctor(environment)).notOk).toMatchObject([
      { status: 'wrong', message: 'LATCHKEY_STORAGE: permission denied' },
    ])
  })

  it('finds every fault of the clients file, and counts its clients where there is none', async () => {
    const right = await fileOf('{"reports": {"client_secret": "needle"}}')
    const { environment } = await kept()
    const { ok, checks } = await doctor({ ...environment, LATCHKEY_CLIENTS_FILE: right })
    expect([ok, checks.find(({ check }) => check === 'clients_file')?.message]).toEqual([
      true,
      `${right} holds 1 client`,
    ])
    const wrong = await fileOf('{"reports": {"client_secret": 3}, "other": {"nonsense": "needle"}}')
    const { notOk } = await doctor({ ...environment, LATCHKEY_CLIENTS_FILE: wrong })
    expect(notOk).toHaveLength(2)
    expect(JSON.stringify(notOk)).not.toContain('needle')
    expect((await doctor({ ...environment, LATCHKEY_CLIENTS_FILE: '/nowhere/clients.json' })).notOk).toMatchObject([
      { check: 'clients_file', status: 'wrong', message: expect.stringMatching(/there is no such file/) },
    ])
  })

  it('finds resources of the clients file that want an algorithm by which nobody signs', async () => {
    const sales = { access_token_format: 'jwt', access_token_signing_alg: 'RS256' }
    const file = await fileOf(JSON.stringify({ resources: { 'https://sales.example.com': sales } }))
    const { environment } = await kept()
    const settings = { ...environment, LATCHKEY_CLIENTS_FILE: file }
    const told = async (more: Record<string, string>) =>
      (await doctor({ ...settings, ...more })).notOk.filter(({ check }) => check === 'clients_file')
    expect(await told({})).toEqual([])
    expect(await told({ LATCHKEY_SIGNING_ALG: 'ES256,RS256' })).toEqual([])
    expect(await told({ LATCHKEY_SIGNING_ALG: 'ES256' })).toMatchObject([
      { status: 'wrong', message: expect.stringMatching(/sales.*access_token_signing_alg is RS256, .* with ES256;/) },
    ])
    const shared = { LATCHKEY_SIGNING_ALG: 'HS256', LATCHKEY_JWT_SECRET: 'x'.repeat(32) }
    expect(await told(shared)).toMatchObject([{ message: expect.stringMatching(/with no key pair;/) }])
  })

  it('finds a module of hooks that is not there', async () => {
    const { environment } = await kept()
    const { ok, notOk } = await doctor({ ...environment, LATCHKEY_HOOKS: './nowhere.mjs' })
    expect(ok).toBe(false)
    expect(notOk[0]).toMatchObject({
      check: 'configuration',
      status: 'wrong',
      message: expect.stringMatching(/^LATCHKEY_HOOKS: /),
    })
  })

  it('finds TLS files that are not there', async () => {
    const { environment } = await kept()
    const { notOk } = await doctor({ ...environment, LATCHKEY_TLS_CERT: '/nowhere/cert.pem', LATCHKEY_TLS_KEY: KEY })
    expect(notOk[0]).toMatchObject({
      check: 'configuration',
      status: 'wrong',
      message: expect.stringMatching(/no such file/),
    })
    expect(JSON.stringify(notOk)).not.toContain('PRIVATE KEY')
  })
})

describe('how far a configuration is from FAPI 2.0', () => {
  const P384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' })
  const P256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
  const FILE = JSON.stringify({
    clients: {
      reports: { client_secret: 'needle-needle-needle' },
      jobs: { jwks: { keys: [P384] } },
      right: { jwks: { keys: [P256] } },
    },
    resources: { 'https://sales.example.com': { access_token_format: 'jwt', access_token_signing_alg: 'RS256' } },
  })
  const SETTINGS = {
    LATCHKEY_ISSUER: 'http://localhost:4000',
    LATCHKEY_ALLOW_INSECURE_HTTP: 'true',
    LATCHKEY_SIGNING_ALG: 'ES256,RS256',
  }
  const EXPECTED = [
    ['LATCHKEY_ISSUER is plain http', 'warning'],
    ['client "reports": it has no key or certificate to authenticate by: secrets let nobody in', 'wrong'],
    ['client "jobs": jwks: keys[0] is for none of ES256', 'wrong'],
    ['resource "https://sales.example.com": access_token_signing_alg is RS256', 'wrong'],
    ['client "kept": it has no key or certificate', 'warning'],
  ] as const

  async function setUp() {
    const { environment, adapter } = await kept()
    await adapter.clients?.add(defineClient({ id: 'kept' }))
    return { ...environment, ...SETTINGS, LATCHKEY_CLIENTS_FILE: await fileOf(FILE) }
  }

  it('is told in notes where nobody holds the service to it, and nothing is wrong for that', async () => {
    const { ok, fapi2 } = await doctor(await setUp())
    expect(ok).toBe(true)
    expect(fapi2.map(({ status }) => status)).toEqual(Array(8).fill('note'))
    const [summary, ...others] = fapi2.map(({ message }) => message)
    expect(summary).toBe('7 things are in the way of FAPI 2.0 (LATCHKEY_PROFILE=fapi2)')
    const started = [
      'LATCHKEY_ALLOW_INSECURE_HTTP must not be on',
      'LATCHKEY_SIGNING_ALG must name nothing but ES256, EdDSA, Ed25519, PS256, and names RS256',
      ...EXPECTED.map(([message]) => message),
    ]
    expect(others).toEqual(started.map((message) => expect.stringContaining(message)))
    expect(JSON.stringify(fapi2)).not.toContain('needle')
  })

  it('is told as what a start says of it where somebody does', async () => {
    const environment = { ...(await setUp()), LATCHKEY_PROFILE: 'fapi2' }
    const { ok, notOk, fapi2 } = await doctor(environment)
    expect(ok).toBe(false)
    expect(notOk.filter(({ check }) => check === 'configuration').map(({ message }) => message)).toEqual([
      expect.stringMatching(/^LATCHKEY_PROFILE is fapi2: LATCHKEY_ALLOW_INSECURE_HTTP /),
      expect.stringMatching(/^LATCHKEY_PROFILE is fapi2: LATCHKEY_SIGNING_ALG /),
    ])
    expect(fapi2).toEqual(
      EXPECTED.map(([message, status]) => ({
        check: 'fapi2',
        status,
        message: expect.stringContaining(message),
        advice: expect.any(String),
      })),
    )
  })

  it('is nothing where nothing is in the way', async () => {
    const { environment } = await kept()
    const file = await fileOf(JSON.stringify({ right: { jwks: { keys: [P256] } } }))
    const settings = { ...environment, LATCHKEY_CLIENTS_FILE: file }
    expect((await doctor(settings)).fapi2).toMatchObject([
      { status: 'ok', message: expect.stringMatching(/^nothing that was looked at is in the way/) },
    ])
    expect((await doctor({ ...settings, LATCHKEY_PROFILE: 'fapi2' })).fapi2).toMatchObject([
      { status: 'ok', message: 'all that was looked at is as FAPI 2.0 has it' },
    ])
  })

  it('is told of keys that sign, given or kept, and of a secret that is shared', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'pem', type: 'pkcs8' })
    const { environment, adapter } = await kept()
    const told = async (more: Record<string, string>) =>
      (await doctor({ ...environment, ...more })).fapi2.map(({ message }) => message).slice(1)
    expect(await told({ LATCHKEY_SIGNING_KEY: rsa.toString() })).toEqual([
      expect.stringMatching(/^LATCHKEY_SIGNING_KEY signs by RS256/),
    ])
    expect(await told({ LATCHKEY_JWT_SECRET: 'x'.repeat(32), LATCHKEY_SIGNING_ALG: 'HS256' })).toEqual([
      expect.stringMatching(/^LATCHKEY_JWT_SECRET must not be set/),
    ])
    const key = { kid: 'a', alg: 'RS256', publicKey: { kty: 'RSA' }, createdAt: 1, signsFrom: 1, sealed: 'x' } as const
    await adapter.keys?.add(key, 0)
    expect(await told({})).toEqual([expect.stringMatching(/^the last key that signs is for RS256/)])
  })

  it('names no more clients of a storage than a person reads', async () => {
    const { environment, adapter } = await kept()
    for (let index = 0; index < 25; index += 1) await adapter.clients?.add(defineClient({ id: `client-${index}` }))
    const { fapi2 } = await doctor(environment)
    expect(fapi2).toHaveLength(22)
    expect(fapi2.at(-1)?.message).toBe('5 more of the 25 clients that were looked at break it')
  })
})

describe('what JWTs are signed with', () => {
  const MASTER_KEY = 'A'.repeat(43)
  const OTHER_KEY = `${'B'.repeat(42)}A`
  const JWT = { LATCHKEY_ACCESS_TOKEN_FORMAT: 'jwt' }

  const told = async (settings: Readonly<Record<string, string>>) =>
    (await doctor(settings)).checks.filter(({ check }) => check === 'signing')

  /** A storage that holds a key which signs and the next one. */
  async function withKey(masterKey: string) {
    const storage = await kept()
    const { code } = await latchkey(['key', 'rotate'], {
      environment: { ...storage.environment, LATCHKEY_MASTER_KEY: masterKey },
    })
    expect(code).toBe(0)
    return storage
  }

  it('is nothing to look at where nothing is signed, or where it is made with every start', async () => {
    expect(await told((await kept()).environment)).toEqual([])
    expect(await told(JWT)).toEqual([])
  })

  it('is missed by its setting where the storage lasts', async () => {
    expect(await told({ ...JWT, ...(await kept()).environment })).toMatchObject([
      { status: 'wrong', message: expect.stringMatching(/^LATCHKEY_MASTER_KEY is required/) },
    ])
    const { environment } = await kept({ keys: undefined } as never)
    expect(await told({ ...JWT, ...environment, LATCHKEY_MASTER_KEY: MASTER_KEY })).toMatchObject([
      { status: 'wrong', message: expect.stringMatching(/no port "keys"/) },
    ])
  })

  it('can be opened, and is left as it was', async () => {
    const { environment } = await kept()
    const settings = { ...JWT, ...environment, LATCHKEY_MASTER_KEY: MASTER_KEY }
    expect(await told(settings)).toMatchObject([{ status: 'ok', message: expect.stringMatching(/no signing key yet/) }])
    const { environment: used, adapter } = await withKey(MASTER_KEY)
    const before = await adapter.keys?.list()
    expect(before?.keys).toHaveLength(2)
    expect(await told({ ...settings, ...used, LATCHKEY_SIGNING_ALG: 'ES256,EdDSA' })).toEqual([
      { check: 'signing', status: 'ok', message: '2 keys in the storage can be used' },
    ])
    expect(await adapter.keys?.list()).toEqual(before)
  })

  it('cannot be opened with another master key, and may be with the previous one', async () => {
    const { environment } = await withKey(MASTER_KEY)
    const settings = { ...JWT, ...environment, LATCHKEY_MASTER_KEY: OTHER_KEY }
    expect(await told(settings)).toMatchObject([
      { status: 'wrong', message: expect.stringMatching(/^the signing keys cannot be opened: none of the 2 /) },
    ])
    expect(await told({ ...settings, LATCHKEY_MASTER_KEY_PREVIOUS: MASTER_KEY })).toMatchObject([
      { status: 'ok', message: '2 keys in the storage can be used' },
      { status: 'warning', message: expect.stringMatching(/^LATCHKEY_MASTER_KEY_PREVIOUS is set, and one master key/) },
    ])
  })

  it('is told of key by key where some can be opened and some cannot', async () => {
    const { environment, adapter } = await withKey(MASTER_KEY)
    const set = await adapter.keys?.list()
    await adapter.keys?.add({ ...(set?.keys[0] as object), kid: 'changed' } as never, set?.generation ?? 0)
    expect(await told({ ...JWT, ...environment, LATCHKEY_MASTER_KEY: MASTER_KEY })).toMatchObject([
      { status: 'ok', message: '2 keys in the storage can be used' },
      { status: 'warning', message: expect.stringMatching(/^the key changed is neither published nor used: /) },
    ])
  })

  it('is a secret that every API can make tokens with, or keys of the operator’s own', async () => {
    const shared = { LATCHKEY_SIGNING_ALG: 'HS256', LATCHKEY_JWT_SECRET: 'x'.repeat(32) }
    expect(await told({ ...JWT, ...shared })).toMatchObject([
      { status: 'warning', message: expect.stringMatching(/^LATCHKEY_JWT_SECRET is set: every API/) },
    ])
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
    expect(await told({ ...JWT, LATCHKEY_SIGNING_KEY: pem })).toMatchObject([
      { status: 'ok', message: 'LATCHKEY_SIGNING_KEY: one key can be used' },
    ])
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
    const [finding] = await told({
      ...JWT,
      LATCHKEY_SIGNING_KEY: weak.export({ type: 'pkcs8', format: 'pem' }) as string,
    })
    expect(finding).toMatchObject({ status: 'wrong', message: expect.stringMatching(/^LATCHKEY_SIGNING_KEY: /) })
    expect(JSON.stringify(finding)).not.toContain('PRIVATE')
  })
})

describe('clients that sign with their secret', () => {
  const MASTER_KEY = 'A'.repeat(43)
  const OTHER_KEY = `${'B'.repeat(42)}A`
  const SIGNS = { token_endpoint_auth_method: 'client_secret_jwt' }

  const told = async (settings: Readonly<Record<string, string>>) =>
    (await doctor(settings)).checks.filter(({ check }) => check.startsWith('clients'))

  async function withSigner(...ids: readonly string[]) {
    const storage = await kept()
    const environment = { ...storage.environment, LATCHKEY_MASTER_KEY: MASTER_KEY }
    for (const id of ids) await latchkey(['client', 'add', id, '--auth-method', 'client_secret_jwt'], { environment })
    return storage
  }

  it('are in order where their secrets can be opened, and are not looked for where they are forgotten', async () => {
    const { environment } = await withSigner('reports')
    expect(await told({ ...environment, LATCHKEY_MASTER_KEY: MASTER_KEY })).toEqual([])
    const file = await fileOf(JSON.stringify({ reports: { ...SIGNS, client_secret: 'x'.repeat(32) } }))
    expect(await told({ LATCHKEY_CLIENTS_FILE: file })).toMatchObject([{ status: 'ok' }])
  })

  it('get no tokens without a master key', async () => {
    const { environment } = await withSigner('a', 'b', 'c', 'd', 'e', 'f', 'g')
    expect(await told(environment)).toEqual([
      {
        check: 'clients',
        status: 'warning',
        message:
          'a client signs with its secret, and gets no tokens without LATCHKEY_MASTER_KEY: "a", "b", "c", "d", "e", 2 more',
        advice: expect.stringMatching(/base64url/),
      },
    ])
  })

  it('are in the way of the start where the clients file names them and there is no master key', async () => {
    const file = await fileOf(JSON.stringify({ reports: { ...SIGNS, client_secret: 'x'.repeat(32) } }))
    const { environment } = await kept()
    expect(await told({ ...environment, LATCHKEY_CLIENTS_FILE: file })).toMatchObject([
      { check: 'clients_file', status: 'ok' },
      {
        check: 'clients_file',
        status: 'wrong',
        message: expect.stringMatching(/client "reports": client_secret_jwt needs LATCHKEY_MASTER_KEY/),
      },
    ])
  })

  it('need the previous master key, or a new secret', async () => {
    const { environment, adapter } = await withSigner('reports')
    await adapter.clients?.add(defineClient({ id: 'hashed', tokenEndpointAuthMethod: 'client_secret_jwt' }))
    const settings = { ...environment, LATCHKEY_MASTER_KEY: OTHER_KEY }
    expect(await told({ ...settings, LATCHKEY_MASTER_KEY_PREVIOUS: MASTER_KEY })).toMatchObject([
      { status: 'warning', message: 'a client signs with its secret, and has none that it could sign with: "hashed"' },
      {
        status: 'warning',
        message: 'a client has a secret that only LATCHKEY_MASTER_KEY_PREVIOUS opens: "reports"',
        advice: expect.stringMatching(/latchkey client credential add <id>.*take the previous key away after that/),
      },
    ])
    expect(await told(settings)).toMatchObject([
      { message: expect.stringMatching(/"hashed"/) },
      { status: 'warning', message: expect.stringMatching(/neither master key opens.*: "reports"/) },
    ])
    for (const id of ['reports', 'hashed'])
      await latchkey(['client', 'credential', 'add', id, '--overlap', '0s'], { environment: settings })
    expect(await told(settings)).toEqual([])
  })
})

describe('the certificate', () => {
  const tls = { cert: CERT, key: KEY }
  const at = (time: string, issuer = 'https://localhost:4000') => [...lookAtTls({ tls, issuer }, Date.parse(time))]

  it.each([
    ['2030-01-01', 'ok', /counts until 2126-/],
    ['2126-10-25', 'warning', /expires at 2126-/],
    ['2127-01-01', 'wrong', /has expired/],
    ['2001-01-01', 'wrong', /does not count before 2026-/],
  ])('on %s is %s', (time, status, message) => {
    expect(at(time)).toMatchObject([{ check: 'tls', status, message: expect.stringMatching(message) }])
  })

  it('is one for the host of the issuer', () => {
    expect(at('2030-01-01', 'https://127.0.0.1:4000')).toHaveLength(1)
    expect(at('2030-01-01', 'https://auth.example.com')[1]).toMatchObject({ status: 'warning' })
    expect(at('2030-01-01', 'https://[::1]:4000')[1]).toMatchObject({ status: 'warning' })
    expect([...lookAtTls({ tls: undefined, issuer: 'https://auth.example.com' }, 0)]).toEqual([])
  })
})

describe('the workers', () => {
  it('need a storage that they share', async () => {
    const { ok, notOk } = await doctor({ LATCHKEY_WORKERS: '2' })
    expect(ok).toBe(false)
    expect(notOk.filter(({ status }) => status === 'wrong')).toMatchObject([
      {
        check: 'storage',
        message: expect.stringMatching(
          /^LATCHKEY_WORKERS: 2 workers need .* LATCHKEY_STORAGE keeps clients and tokens/,
        ),
      },
    ])
  })

  it('should not be more than there are cores', () => {
    const look = (...given: Parameters<typeof lookAtWorkers>) => [...lookAtWorkers(...given)]
    expect(look(1, 8)).toEqual([])
    expect(look(8, 8)).toMatchObject([{ status: 'ok', message: '8 workers serve, each on a core' }])
    expect(look(9, 8)).toMatchObject([{ status: 'warning', message: 'LATCHKEY_WORKERS: 9 workers share 8 cores' }])
    expect(look('auto', 1024)).toMatchObject([{ status: 'ok' }])
  })
})
