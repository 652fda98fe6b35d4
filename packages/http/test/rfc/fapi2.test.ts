import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { request as httpsRequest } from 'node:https'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { type Client, defineClient, generateSecret } from '@latchkey/core'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readConfig } from '../../src/config/read-config.ts'
import { StartRefused } from '../../src/start-refused.ts'
import { keep } from '../cli/latchkey.ts'
import { makeClientKey, proofOf } from '../dpop-proofs.ts'
import { startedService } from '../started-service.ts'
import { basic, FORM } from '../test-server.ts'
import { CERT, KEY } from '../tls-key-pair.ts'

const ISSUER = 'https://localhost:4000'
const TOKEN_ENDPOINT = `${ISSUER}/oauth2/token`
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

const PROFILE = { LATCHKEY_PROFILE: 'fapi2', LATCHKEY_ISSUER: ISSUER, LATCHKEY_TLS_CERT: CERT, LATCHKEY_TLS_KEY: KEY }

const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
const JOBS = { jwks: { keys: [await exportJWK(publicKey)] }, scope: 'read' }
const jwkOf = (type: 'P-384' | 'P-256') =>
  generateKeyPairSync('ec', { namedCurve: type }).publicKey.export({ format: 'jwk' })

async function kept() {
  const storage = await keep()
  onTestFinished(() => storage.end())
  return storage
}

const reading =
  (clients: object) =>
  (path: string): string =>
    path === '/clients.json' ? JSON.stringify(clients) : readFileSync(path, 'utf8')

async function start(
  clients: object,
  environment: Record<string, string> = {},
  deps: Parameters<typeof startedService>[1] = {},
) {
  const settings = { ...PROFILE, LATCHKEY_CLIENTS_FILE: '/clients.json', ...environment }
  const started = await startedService(settings, { readFile: reading(clients), ...deps })
  onTestFinished(() => started.service.close())
  return started
}

const problemsOf = (starting: Promise<unknown>): Promise<unknown> =>
  starting.then(
    () => 'it started',
    (error: unknown) => (error instanceof StartRefused ? error.problems : error),
  )

interface Answer {
  readonly status: number | undefined
  readonly body: Record<string, unknown>
}

const ask = (port: number, parameters: Record<string, string>, headers: Record<string, string> = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const options = {
      port,
      path: '/oauth2/token',
      method: 'POST',
      ca: CERT,
      headers: { 'content-type': FORM, ...headers },
    }
    const request = httpsRequest(options, (response) => {
      let body = ''
      response.on('data', (part) => (body += String(part)))
      response.on('end', () => resolve({ status: response.statusCode, body: JSON.parse(body) as Answer['body'] }))
    })
    request.on('error', reject)
    request.end(new URLSearchParams({ grant_type: 'client_credentials', ...parameters }).toString())
  })

const asserting = async (id: string): Promise<Record<string, string>> => ({
  client_assertion_type: ASSERTION_TYPE,
  client_assertion: await new SignJWT({ iss: id, sub: id, aud: ISSUER, jti: randomUUID() })
    .setProtectedHeader({ alg: 'ES256' })
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(privateKey),
})

describe('the service under FAPI 2.0', () => {
  it('FAPI 2.0 §5.3.2.1 · O1, O2 · lets listed clients in by their keys, and binds each token to a proof', async () => {
    const { port, logged } = await start({ jobs: JOBS })
    const proof = await proofOf(await makeClientKey(), TOKEN_ENDPOINT)
    const { status, body } = await ask(port, await asserting('jobs'), { dpop: proof })
    expect([status, body['token_type'], body['scope']]).toEqual([200, 'DPoP', 'read'])
    expect(await ask(port, await asserting('jobs'))).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    expect(logged.map((line) => (JSON.parse(line) as { reason?: string }).reason)).toContainEqual(
      expect.stringContaining('no token that is bound to nothing'),
    )
  })

  it('FAPI 2.0 §5.3.2.1 · O1 · refuses a client that somebody registered otherwise when it asks, and logs why', async () => {
    const { secret, credentialId: id, hash } = generateSecret()
    const reports: Client = defineClient({ id: 'reports', credentials: [{ kind: 'secret', id, hash }] })
    const { port, logged } = await start(
      { jobs: JOBS },
      {},
      { prepare: async ({ clients }) => void (await clients.add(reports)) },
    )
    const proof = await proofOf(await makeClientKey(), TOKEN_ENDPOINT)
    const answer = await ask(port, {}, { dpop: proof, authorization: basic('reports', secret) })
    expect(answer).toEqual({
      status: 401,
      body: { error: 'invalid_client', error_description: 'client authentication failed' },
    })
    expect(logged.map((line) => JSON.parse(line) as object)).toContainEqual(
      expect.objectContaining({ clientId: 'reports', reason: 'the profile of this server takes no secrets' }),
    )
  })

  it('FAPI 2.0 §5.3.2.1 · O1, O3, O4 · does not start with listed clients that break it, and names each with what is wrong', async () => {
    const clients = {
      jobs: JOBS,
      reports: { client_secret: 'needle-needle-needle' },
      posting: { client_secret: 'needle-needle-needle', token_endpoint_auth_method: 'client_secret_post' },
      large: { jwks: { keys: [{ ...jwkOf('P-384'), kid: 'k1' }] } },
      old: { ...JOBS, legacy_assertion_audience: true, token_endpoint_auth_signing_alg: 'RS256' },
      cluster: { trusted_issuer: { issuer: 'https://cluster.example', subject: 'job', audience: ISSUER } },
    }
    const { adapter, environment } = await kept()
    const problem = (text: string) =>
      expect.stringContaining(`LATCHKEY_CLIENTS_FILE: /clients.json: LATCHKEY_PROFILE is fapi2: client ${text}`)
    const problems = await problemsOf(start(clients, environment))
    expect(problems).toEqual([
      problem('"reports": it has no key or certificate to authenticate by: secrets let nobody in'),
      problem('"posting": token_endpoint_auth_method is client_secret_post, and must be one of private_key_jwt'),
      problem('"large": jwks: keys[0] (k1) is for none of ES256, EdDSA, Ed25519, PS256'),
      problem('"old": token_endpoint_auth_signing_alg is RS256, and must be one of ES256'),
      problem('"old": legacy_assertion_audience is true'),
      problem('"cluster": it has no key or certificate to authenticate by: secrets, and tokens of trusted_issuer,'),
    ])
    expect(JSON.stringify(problems)).not.toContain('needle')
    // Nothing of the file was written, not even what is right.
    expect(await adapter.clients?.find('jobs')).toBeUndefined()
  })

  it.each<[string, Record<string, string>, string]>([
    ['plain HTTP', { LATCHKEY_ALLOW_INSECURE_HTTP: 'true' }, 'LATCHKEY_ALLOW_INSECURE_HTTP must not be on'],
    ['an algorithm', { LATCHKEY_SIGNING_ALG: 'RS256' }, 'LATCHKEY_SIGNING_ALG must name nothing but ES256'],
    ['one among others', { LATCHKEY_SIGNING_ALG: 'ES256,ES384' }, 'LATCHKEY_SIGNING_ALG must name nothing but ES256'],
    [
      'a shared secret',
      { LATCHKEY_JWT_SECRET: 'x'.repeat(32), LATCHKEY_SIGNING_ALG: 'HS256' },
      'LATCHKEY_JWT_SECRET must not be set',
    ],
  ])(
    'FAPI 2.0 §5.4.1 · O4, O7 · does not start where a setting has no room in it, and names the setting: %s',
    (_, more, problem) => {
      const reading = (): unknown => readConfig({ ...PROFILE, ...more }, (path) => readFileSync(path, 'utf8'))
      expect(reading).toThrow(StartRefused)
      expect(reading).toThrow(`LATCHKEY_PROFILE is fapi2: ${problem}`)
    },
  )

  it('FAPI 2.0 §5.4.1 · O4 · does not start with a key of another algorithm, brought along or kept', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'pem', type: 'pkcs8' })
    expect(await problemsOf(start({ jobs: JOBS }, { LATCHKEY_SIGNING_KEY: rsa.toString() }))).toEqual([
      expect.stringMatching(/^LATCHKEY_SIGNING_KEY: LATCHKEY_PROFILE is fapi2.*signs by RS256/),
    ])
    const storage = { ...(await kept()).environment, LATCHKEY_MASTER_KEY: 'A'.repeat(43) }
    const { service } = await startedService({ ...storage, LATCHKEY_SIGNING_ALG: 'RS256' })
    await service.close()
    expect(await problemsOf(start({ jobs: JOBS }, storage))).toEqual([
      expect.stringMatching(/^LATCHKEY_SIGNING_ALG: LATCHKEY_PROFILE is fapi2.*signs by RS256/),
    ])
    expect(await problemsOf(start({ jobs: JOBS }, { ...storage, LATCHKEY_SIGNING_ALG: 'ES256' }))).toEqual([
      expect.stringMatching(/^LATCHKEY_SIGNING_ALG: .*signs at present does so by RS256; start without the profile/),
    ])
  })

  it('FAPI 2.0 §5.3.2.1 · O1 · does not start where nobody can keep that an assertion passes once', async () => {
    const { adapter, environment } = await kept()
    Object.assign(adapter, { replays: undefined })
    expect(await problemsOf(start({ jobs: JOBS }, environment))).toEqual([
      expect.stringMatching(/^LATCHKEY_STORAGE: the adapter has no port "replays", which LATCHKEY_PROFILE needs/),
    ])
  })

  it.each<[boolean, string, ConnectionOptions]>([
    [true, 'TLS 1.3', { minVersion: 'TLSv1.3' }],
    [true, 'ECDHE with AES-128-GCM', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }],
    [true, 'ECDHE with AES-256-GCM', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' }],
    [
      false,
      'ChaCha20, which BCP 195 does not recommend',
      { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305' },
    ],
    [false, 'AES in CBC mode', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-SHA384:ECDHE-ECDSA-AES128-SHA' }],
    [false, 'TLS 1.1', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }],
  ])('FAPI 2.0 §5.2.2 · O7 · is open or closed (%s) to whoever connects by %s', async (connects, _, options) => {
    const { port } = await start({ jobs: JOBS })
    const connected = await new Promise<boolean>((resolve) => {
      const socket = connectTls({ port, host: 'localhost', ca: CERT, ...options }, () => {
        socket.destroy()
        resolve(true)
      })
      socket.on('error', () => resolve(false))
    })
    expect(connected).toBe(connects)
  })
})
