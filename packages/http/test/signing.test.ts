import { generateKeyPairSync } from 'node:crypto'
import { createMemoryAdapter } from '@latchkey/adapter-memory'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'
import { announce } from '../src/cli/announce.ts'
import { addDemoClient } from '../src/cli/demo-client.ts'
import type { Environment } from '../src/config/environment.ts'
import { readConfig } from '../src/config/read-config.ts'
import { createLog } from '../src/log/log.ts'
import { openSigning } from '../src/signing.ts'
import { StartRefused } from '../src/start-refused.ts'
import { startedService } from './started-service.ts'
import { basic, FORM } from './test-server.ts'

const MASTER_KEY = 'A'.repeat(43)

/** Keys that outlive a process, in a memory that a test holds. */
function kept() {
  const adapter = createMemoryAdapter()
  const logged: string[] = []
  const open = async (environment: Environment, forgetsClients = false) => {
    const config = readConfig(environment, () => '')
    const log = createLog('info', { write: (line) => logged.push(line) })
    const signing = await openSigning({ config, storage: { keys: adapter.keys, forgetsClients }, log })
    onTestFinished(() => signing.close())
    return signing
  }
  return { adapter, logged, open }
}

const problemOf = (opening: Promise<unknown>): Promise<unknown> =>
  opening.then(
    () => 'it was opened',
    (error: unknown) => (error instanceof StartRefused ? error.problems.join() : error),
  )

describe('what tokens are signed with', () => {
  it('is nothing where keys would be kept in clear, and nobody asked for JWTs', async () => {
    const { adapter, open } = kept()
    expect(await open({})).toMatchObject({ signer: undefined, jwtSecret: undefined })
    expect((await adapter.keys.list()).keys).toEqual([])
  })

  it('needs a master key where keys outlive the process', async () => {
    const { open } = kept()
    expect(await problemOf(open({ LATCHKEY_ACCESS_TOKEN_FORMAT: 'jwt' }))).toBe(
      'LATCHKEY_MASTER_KEY is required for JWTs: the client storage keeps private keys, and keeps them encrypted',
    )
  })

  it('is kept, and found again with the same master key alone', async () => {
    const { open } = kept()
    const environment = { LATCHKEY_ACCESS_TOKEN_FORMAT: 'jwt', LATCHKEY_MASTER_KEY: MASTER_KEY }
    const first = await open(environment)
    const second = await open(environment)
    expect(first.forgetsKeys).toBe(false)
    expect(second.signer?.publishedKeys()).toMatchObject([{ kid: first.signer?.publishedKeys()[0]?.kid }])
    expect(await problemOf(open({ ...environment, LATCHKEY_MASTER_KEY: `${'B'.repeat(42)}A` }))).toBe(
      'LATCHKEY_MASTER_KEY: none of the 1 signing keys can be used: is it the right master key?',
    )
  })

  it('may be lost with a storage that is lost as well, without a word of the first key', async () => {
    const { open, logged } = kept()
    const { signer, forgetsKeys } = await open({}, true)
    expect(signer?.publishedKeys()).toHaveLength(1)
    expect(forgetsKeys).toBe(true)
    expect(logged).toEqual([])
  })

  it('is told of where it is kept', async () => {
    const { open, logged } = kept()
    await open({ LATCHKEY_MASTER_KEY: MASTER_KEY })
    await new Promise((resolve) => setImmediate(resolve))
    expect(logged.map((line) => JSON.parse(line) as object)).toMatchObject([
      { level: 'info', event: 'signing_key_added', alg: 'ES256' },
    ])
  })

  it('may be a key of one’s own, which is kept nowhere', async () => {
    const { adapter, open } = kept()
    const { privateKey } = generateKeyPairSync('ed25519')
    const key = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
    const { signer } = await open({ LATCHKEY_ACCESS_TOKEN_FORMAT: 'jwt', LATCHKEY_SIGNING_KEY: key })
    expect(signer?.publishedKeys()).toMatchObject([{ alg: 'EdDSA' }])
    expect((await adapter.keys.list()).keys).toEqual([])
  })

  it('is refused by name where it is weak', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const key = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
    expect(await problemOf(kept().open({ LATCHKEY_SIGNING_KEY: key }))).toBe(
      'LATCHKEY_SIGNING_KEY: the key is unfit: an RSA key must have 2048 to 8192 bits, and this one has 1024',
    )
  })

  it('is said to be missing where the storage has no place for it', async () => {
    const config = readConfig({ LATCHKEY_ACCESS_TOKEN_FORMAT: 'jwt' }, () => '')
    const log = createLog('silent', { write: () => undefined })
    const opening = openSigning({ config, storage: { keys: undefined, forgetsClients: true }, log })
    expect(await problemOf(opening)).toBe(
      'LATCHKEY_STORAGE: the adapter has no port "keys", which JWTs need; or set LATCHKEY_SIGNING_KEY',
    )
  })

  it('is said to be away while the storage is', async () => {
    const config = readConfig({ LATCHKEY_MASTER_KEY: MASTER_KEY }, () => '')
    const log = createLog('silent', { write: () => undefined })
    const keys = { ...kept().adapter.keys, list: () => Promise.reject(new Error('connection refused')) }
    expect(await problemOf(openSigning({ config, storage: { keys, forgetsClients: false }, log }))).toBe(
      'LATCHKEY_STORAGE: SigningKeyStore.list failed: connection refused',
    )
  })
})

describe('the service with JWTs', () => {
  const issue = async (environment: Record<string, string>) => {
    let secret = ''
    const started = await startedService(environment, {
      async prepare({ clients }) {
        secret = (await addDemoClient(clients)).secret
      },
    })
    onTestFinished(() => started.service.close())
    const url = `http://127.0.0.1:${started.port}`
    const response = await fetch(`${url}/oauth2/token`, {
      method: 'POST',
      headers: { authorization: basic('demo', secret), 'content-type': FORM },
      body: 'grant_type=client_credentials',
    })
    const { access_token: token = '' } = (await response.json()) as { access_token?: string }
    return { ...started, url, token, status: response.status }
  }

  it('signs what anybody can verify, with the claims of the hooks', async () => {
    const { url, token, service } = await issue({
      LATCHKEY_ACCESS_TOKEN_FORMAT: 'jwt',
      LATCHKEY_HOOKS: './hooks/modules/claims.mjs',
    })
    expect(service.server.metadata.jwks_uri).toBe('http://localhost:4000/.well-known/jwks.json')
    const jwks = (await (await fetch(`${url}/.well-known/jwks.json`)).json()) as JSONWebKeySet
    const { payload } = await jwtVerify(token, createLocalJWKSet(jwks), {
      typ: 'at+jwt',
      issuer: 'http://localhost:4000',
    })
    expect(payload).toMatchObject({ sub: 'demo', client_id: 'demo', tenant: 'of demo', granted: 2 })
  })

  it('signs with a secret that is shared, and publishes nothing', async () => {
    const secret = 'x'.repeat(32)
    const { url, token } = await issue({
      LATCHKEY_ACCESS_TOKEN_FORMAT: 'jwt',
      LATCHKEY_SIGNING_ALG: 'HS256',
      LATCHKEY_JWT_SECRET: secret,
    })
    await expect(jwtVerify(token, Buffer.from(secret))).resolves.toMatchObject({ payload: { sub: 'demo' } })
    expect((await fetch(`${url}/.well-known/jwks.json`)).status).toBe(404)
  })

  it('warns of what is forgotten, and of what is shared', async () => {
    const warningsOf = async (environment: Record<string, string>) => {
      const { service } = await startedService(environment)
      onTestFinished(() => service.close())
      const lines: string[] = []
      const config = readConfig({ LATCHKEY_PORT: '4000', ...environment }, () => '')
      announce(service, config, createLog('warn', { write: (line) => lines.push(line) }))
      return lines.map((line) => (JSON.parse(line) as { msg: string }).msg).join('\n')
    }
    const jwt = { LATCHKEY_ACCESS_TOKEN_FORMAT: 'jwt' }
    expect(await warningsOf(jwt)).toContain('SIGNING KEYS ARE FORGOTTEN when this process ends')
    expect(await warningsOf({})).not.toContain('SIGNING KEYS')
    const shared = { ...jwt, LATCHKEY_SIGNING_ALG: 'HS256', LATCHKEY_JWT_SECRET: 'x'.repeat(32) }
    const warnings = await warningsOf(shared)
    expect(warnings).toContain('A REVOCATION OF A JWT IS KNOWN TO THIS PROCESS ALONE')
    expect(warnings).toContain('every API that can verify a token can also make one')
    expect(warnings).not.toContain('x'.repeat(32))
  })
})
