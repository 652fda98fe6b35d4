import { generateSecret } from '@latchkey/core'
import { freshPrefix, freshSchema } from '@latchkey/test-backends'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { StartRefused } from '../src/start-refused.ts'
import { latchkey } from './cli/latchkey.ts'
import { assertionOf, assertionParameters } from './client-assertions.ts'
import { type ClientKey, makeClientKey, proofOf } from './dpop-proofs.ts'
import { type MadeAuthority, makeAuthority } from './made-authority.ts'
import { type HostileHost, startHostileHost } from './remote/hostile-host.ts'
import type { MadeCertificate } from './remote/made-certificate.ts'
import { type StartedService, startedService } from './started-service.ts'
import { basic } from './test-server.ts'
import { CERT, KEY } from './tls-key-pair.ts'
import { keysOf, sendOverTls, thumbprintOf } from './tls-requests.ts'

const ISSUER = 'https://localhost:4000'
const SUBJECT = 'system:serviceaccount:jobs:nightly'
const { secret } = generateSecret()

let authority: MadeAuthority
let named: MadeCertificate
let itself: MadeCertificate
let key: ClientKey
/** That of an issuer whose workloads are clients. */
let cluster: ClientKey
let proving: ClientKey
/** Publishes the keys of a client, and the documents of that issuer. */
let host: HostileHost
let clients: Readonly<Record<ClientId, object>>

type ClientId = 'basic' | 'post' | 'secret-jwt' | 'registered' | 'published' | 'named' | 'self-signed' | 'workload'

beforeAll(async () => {
  ;[authority, key, cluster, proving] = await Promise.all([
    makeAuthority('clients'),
    makeClientKey(),
    makeClientKey('RS256'),
    makeClientKey(),
  ])
  ;[named, itself] = await Promise.all([
    authority.issue({ names: ['DNS:named.example'] }),
    authority.signItself({ subject: '/CN=itself' }),
  ])
  host = await startHostileHost(({ url = '' }, response) => {
    const issuer = `https://127.0.0.1:${host.port}`
    const documents: Readonly<Record<string, object>> = {
      '/client-keys': { keys: [key.jwk] },
      '/.well-known/openid-configuration': { issuer, jwks_uri: `${issuer}/cluster-keys` },
      '/cluster-keys': { keys: [cluster.jwk] },
    }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(documents[url]))
  })
  const issuer = `https://127.0.0.1:${host.port}`
  clients = {
    basic: { client_secret: secret, token_endpoint_auth_method: 'client_secret_basic' },
    post: { client_secret: secret, token_endpoint_auth_method: 'client_secret_post' },
    'secret-jwt': { client_secret: secret, token_endpoint_auth_method: 'client_secret_jwt' },
    registered: { jwks: { keys: [key.jwk] }, token_endpoint_auth_method: 'private_key_jwt' },
    published: { jwks_uri: `${issuer}/client-keys`, token_endpoint_auth_method: 'private_key_jwt' },
    named: { tls_client_auth_san_dns: 'named.example', token_endpoint_auth_method: 'tls_client_auth' },
    'self-signed': { jwks: keysOf(itself), token_endpoint_auth_method: 'self_signed_tls_client_auth' },
    workload: { trusted_issuer: { issuer, subject: SUBJECT, audience: ISSUER } },
  }
})

afterAll(async () => {
  await host.close()
  await authority.remove()
})

/** What a client puts into a request to say who it is. */
interface Authentication {
  readonly headers?: Readonly<Record<string, string>>
  readonly parameters?: Readonly<Record<string, string>>
  readonly shown?: MadeCertificate
}

const signed = async (id: ClientId, by: Parameters<typeof assertionOf>[0], claims = {}): Promise<Authentication> => ({
  parameters: { client_id: id, ...assertionParameters(await assertionOf(by, id, ISSUER, claims)) },
})

const METHODS: readonly (readonly [ClientId, () => Authentication | Promise<Authentication>])[] = [
  ['basic', () => ({ headers: { authorization: basic('basic', secret) } })],
  ['post', () => ({ parameters: { client_id: 'post', client_secret: secret } })],
  ['secret-jwt', () => signed('secret-jwt', { alg: 'HS256', privateKey: Buffer.from(secret) })],
  ['registered', () => signed('registered', key)],
  ['published', () => signed('published', key)],
  ['named', () => ({ parameters: { client_id: 'named' }, shown: named })],
  ['self-signed', () => ({ parameters: { client_id: 'self-signed' }, shown: itself })],
  ['workload', () => signed('workload', cluster, { iss: `https://127.0.0.1:${host.port}`, sub: SUBJECT })],
]

/** A service with TLS, whose clients are in Postgres and whose tokens are in Redis. */
function servicePlace() {
  const [schema, prefix] = [freshSchema(), freshPrefix()]
  const storage = { LATCHKEY_CLIENT_STORAGE: schema.url, LATCHKEY_TOKEN_STORAGE: prefix.url }
  const start = (listed: object, more: Record<string, string> = {}): Promise<StartedService> =>
    startedService(
      {
        LATCHKEY_ISSUER: ISSUER,
        LATCHKEY_TLS_CERT: CERT,
        LATCHKEY_TLS_KEY: KEY,
        LATCHKEY_TLS_CLIENT_CA: authority.ca,
        LATCHKEY_MASTER_KEY: 'A'.repeat(43),
        LATCHKEY_REMOTE_CA: host.ca,
        LATCHKEY_DANGEROUSLY_ALLOW_PRIVATE_ADDRESSES: '127.0.0.1',
        LATCHKEY_AUTO_MIGRATE: 'true',
        LATCHKEY_CLIENTS_FILE: '/clients.json',
        ...storage,
        ...more,
      },
      { readFile: () => JSON.stringify(listed) },
    )
  const remove = async () => {
    await schema.remove()
    await prefix.remove()
  }
  return { storage, start, remove }
}

const askAt =
  (service: () => StartedService) =>
  (
    path: string,
    parameters: Readonly<Record<string, string>>,
    { headers = {}, parameters: own = {}, shown }: Authentication,
    more: Readonly<Record<string, string>> = {},
  ) =>
    sendOverTls({
      port: service().port,
      path: `/oauth2/${path}`,
      shown,
      headers: { ...headers, ...more },
      body: new URLSearchParams({ ...parameters, ...own }).toString(),
    })

const GRANT = { grant_type: 'client_credentials' }
const reasonsOf = ({ logged }: StartedService) =>
  logged.flatMap((line) => (JSON.parse(line) as { readonly reason?: string }).reason ?? [])

describe('a service with TLS, Postgres and Redis', () => {
  const place = servicePlace()
  let started: StartedService
  const ask = askAt(() => started)
  beforeAll(async () => {
    started = await place.start(clients)
  })
  afterAll(async () => {
    await started.service.close()
    await place.remove()
  })

  it.each(METHODS)('gives a client a token, tells it of the token, and revokes it: %s', async (id, authenticate) => {
    const { status, json } = await ask('token', GRANT, await authenticate())
    expect([status, json]).toEqual([200, expect.objectContaining({ token_type: 'Bearer' })])
    const token = String(json['access_token'])
    const introspected = async () => (await ask('introspect', { token }, await authenticate())).json
    expect(await introspected()).toMatchObject({ active: true, client_id: id, iss: ISSUER })
    expect((await ask('revoke', { token }, await authenticate())).status).toBe(200)
    expect(await introspected()).toEqual({ active: false })
  })

  it('lets nobody in who is another', async () => {
    const another = await authority.issue({ names: ['DNS:another.example'] })
    for (const [id] of METHODS)
      for (const wrong of [{ parameters: { client_id: id }, shown: another }, await signed(id, proving)])
        expect([id, (await ask('token', GRANT, wrong)).status]).toEqual([id, 401])
    // One is enough: a wrong secret takes its time.
    const guessed = { parameters: { client_id: 'post', client_secret: `${secret}x` } }
    expect((await ask('token', GRANT, guessed)).status).toBe(401)
  })
})

describe('the same service under FAPI 2.0', () => {
  const PROFILED: readonly ClientId[] = ['registered', 'published', 'named', 'self-signed']
  const BREAKING: readonly ClientId[] = ['basic', 'post', 'secret-jwt', 'workload']
  const profile = { LATCHKEY_PROFILE: 'fapi2' }
  const place = servicePlace()
  let started: StartedService
  const ask = askAt(() => started)
  beforeAll(async () => {
    started = await place.start(Object.fromEntries(PROFILED.map((id) => [id, clients[id]])), profile)
  })
  afterAll(async () => {
    await started.service.close()
    await place.remove()
  })

  it('does not start with the clients that break it, and names them and no others', async () => {
    const elsewhere = servicePlace()
    const fault = await elsewhere.start(clients, profile).catch((error: unknown) => error)
    await elsewhere.remove()
    expect(fault).toBeInstanceOf(StartRefused)
    const told = (fault as StartRefused).problems.map((problem) => /client "(.*?)"/.exec(problem)?.[1])
    expect(new Set(told)).toEqual(new Set(BREAKING))
  })

  it.each(METHODS.filter(([id]) => PROFILED.includes(id)))(
    'gives a client bound tokens, and no others: %s',
    async (id, authenticate) => {
      const proof = { dpop: await proofOf(proving, `${ISSUER}/oauth2/token`) }
      const certificate = (await authenticate()).shown
      const bound = await ask('token', GRANT, await authenticate(), certificate ? {} : proof)
      expect([bound.status, bound.json['token_type']]).toEqual([200, certificate ? 'Bearer' : 'DPoP'])
      const token = String(bound.json['access_token'])
      expect((await ask('introspect', { token }, await authenticate())).json).toMatchObject({
        active: true,
        client_id: id,
        cnf: certificate ? { 'x5t#S256': thumbprintOf(certificate) } : { jkt: proving.jkt },
      })
      if (certificate) return
      const unbound = await ask('token', GRANT, await authenticate())
      expect([unbound.status, unbound.json['error']]).toEqual([400, 'invalid_request'])
      // Whoever shows a certificate, be it anybody's, has shown what a token can be bound to.
      const withOwn = await ask('token', GRANT, { ...(await authenticate()), shown: itself })
      expect(withOwn.status).toBe(200)
    },
  )

  it('refuses a client that is given a secret while it runs', async () => {
    const environment = place.storage
    const { code, out } = await latchkey(['client', 'add', 'late', '--json'], { environment })
    expect(code).toBe(0)
    const { client_secret: late } = JSON.parse(out) as { readonly client_secret: string }
    const own = { headers: { authorization: basic('late', late) } }
    await expect
      .poll(async () => {
        const dpop = await proofOf(proving, `${ISSUER}/oauth2/token`)
        expect((await ask('token', GRANT, own, { dpop })).status).toBe(401)
        return reasonsOf(started)
      })
      .toContain('the profile of this server takes no secrets')
  })
})
