import { createHash, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../packages/http/test/judges/free-port.ts'
import { type StartedService, startedService } from '../packages/http/test/started-service.ts'
import { CERT, KEY } from '../packages/http/test/tls-key-pair.ts'
import { createWorkload } from './workload-identity.ts'

const CLIENT = 'nightly-reports'
const AUDIENCE = 'https://auth.example.com'

/** A key of a cluster, called as clusters call theirs: by the digest of its public half. */
function clusterKey() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const digest = createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' }))
  return { privateKey, publicKey, kid: digest.digest('base64url') }
}

/** What the API server of a cluster answers to whoever looks for its issuer, each word and each header of it. */
const answersOf = (issuer: string, keys: readonly ReturnType<typeof clusterKey>[]) => ({
  '/.well-known/openid-configuration': {
    type: 'application/json',
    body: {
      issuer,
      jwks_uri: `${issuer}/openid/v1/jwks`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    },
  },
  '/openid/v1/jwks': {
    type: 'application/jwk-set+json',
    body: {
      keys: keys.map(({ publicKey, kid }) => {
        const { kty, n, e } = publicKey.export({ format: 'jwk' })
        return { use: 'sig', kty, kid, alg: 'RS256', n, e }
      }),
    },
  },
})

/** A token as a cluster mints it for a pod that has asked for one with an audience. */
function projectedToken(
  issuer: string,
  { privateKey, kid }: { readonly privateKey: KeyObject; readonly kid: string },
  { serviceAccount = 'nightly', seconds = 3600, audience = AUDIENCE } = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  return new SignJWT({
    aud: [audience],
    exp: now + seconds,
    iat: now,
    iss: issuer,
    jti: randomUUID(),
    'kubernetes.io': {
      namespace: 'jobs',
      node: { name: 'worker-1', uid: randomUUID() },
      pod: { name: 'nightly-29876400-x7k2p', uid: randomUUID() },
      serviceaccount: { name: serviceAccount, uid: randomUUID() },
    },
    nbf: now,
    sub: `system:serviceaccount:jobs:${serviceAccount}`,
  })
    .setProtectedHeader({ alg: 'RS256', kid })
    .sign(privateKey)
}

describe('a workload in a cluster', () => {
  let folder: string
  let tokenFile: string
  let cluster: Server
  let clusterIssuer: string
  let keys = [clusterKey()]
  const asked: { readonly url: string | undefined; readonly authorization: string | undefined }[] = []
  let started: StartedService | undefined
  let issuer: string

  function answer({ url, headers }: IncomingMessage, response: ServerResponse): void {
    asked.push({ url, authorization: headers.authorization })
    const found = Object.entries(answersOf(clusterIssuer, keys)).find(([path]) => path === url)?.[1]
    if (found === undefined) response.writeHead(404).end()
    else
      response
        .writeHead(200, { 'content-type': found.type, 'cache-control': 'public, max-age=3600' })
        .end(JSON.stringify(found.body))
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-workload-'))
    tokenFile = join(folder, 'token')
    cluster = createServer({ cert: CERT, key: KEY }, answer).listen(0, '127.0.0.1')
    await once(cluster, 'listening')
    clusterIssuer = `https://127.0.0.1:${(cluster.address() as AddressInfo).port}`
    const trusted = { issuer: clusterIssuer, subject: 'system:serviceaccount:jobs:nightly', audience: AUDIENCE }
    const clients = { [CLIENT]: { scope: 'sales:read', trusted_issuer: trusted } }
    await writeFile(join(folder, 'clients.json'), JSON.stringify(clients))
    await writeFile(join(folder, 'ca.crt'), CERT)
  })
  afterEach(async () => {
    await started?.service.close()
    started = undefined
    asked.length = 0
  })
  afterAll(async () => {
    cluster.closeAllConnections()
    cluster.close()
    await rm(folder, { recursive: true })
  })

  async function start(environment: Record<string, string>): Promise<void> {
    const port = await freePort()
    issuer = `http://localhost:${port}`
    started = await startedService({
      LATCHKEY_ISSUER: issuer,
      LATCHKEY_PORT: `${port}`,
      LATCHKEY_CLIENTS_FILE: join(folder, 'clients.json'),
      ...environment,
    })
  }

  const settings = () => ({
    LATCHKEY_REMOTE_CA: join(folder, 'ca.crt'),
    LATCHKEY_DANGEROUSLY_ALLOW_PRIVATE_ADDRESSES: '127.0.0.1',
  })

  /** As the kubelet does: nobody ever reads half a token. */
  async function mount(token: Promise<string>): Promise<void> {
    await writeFile(`${tokenFile}.new`, await token)
    await rename(`${tokenFile}.new`, tokenFile)
  }

  const reasons = () =>
    (started?.logged ?? [])
      .map((line) => JSON.parse(line) as { readonly reason?: string })
      .flatMap(({ reason }) => reason ?? [])

  it('gets tokens by the token in its file, again and again, while the cluster changes its keys', async () => {
    await start(settings())
    const [first] = keys
    if (first === undefined) throw new Error('the cluster has no key')
    await mount(projectedToken(clusterIssuer, first))
    const workload = await createWorkload({ issuer, clientId: CLIENT, tokenFile })
    for (const _ of [1, 2, 3])
      expect(await workload.requestToken()).toMatchObject({ token_type: 'bearer', scope: 'sales:read' })
    // The documents are asked for once, by nobody in particular.
    expect(asked).toEqual([
      { url: '/.well-known/openid-configuration', authorization: undefined },
      { url: '/openid/v1/jwks', authorization: undefined },
    ])

    const next = clusterKey()
    keys = [next, first]
    expect(await workload.requestToken()).toMatchObject({ scope: 'sales:read' })
    await mount(projectedToken(clusterIssuer, next))
    for (const _ of [1, 2, 3]) expect(await workload.requestToken()).toMatchObject({ scope: 'sales:read' })
    keys = [next]
    expect(await workload.requestToken()).toMatchObject({ scope: 'sales:read' })
    expect(asked.map(({ url }) => url)).toEqual([
      '/.well-known/openid-configuration',
      '/openid/v1/jwks',
      '/openid/v1/jwks',
    ])
    expect(reasons()).toEqual([])
  })

  it.each<
    [string, { readonly serviceAccount?: string; readonly seconds?: number; readonly audience?: string }, string]
  >([
    ['of another service account', { serviceAccount: 'default' }, 'its sub does not match the registered subject'],
    ['for another audience', { audience: 'https://kubernetes.default.svc' }, 'its aud is not the registered audience'],
    ['that lives for a year', { seconds: 31_536_000 }, 'its exp is too far ahead'],
    ['that has expired', { seconds: -60 }, 'it has expired'],
  ])('gets nothing by a token %s', async (_, changes, reason) => {
    await start(settings())
    const [key] = keys
    if (key === undefined) throw new Error('the cluster has no key')
    await mount(projectedToken(clusterIssuer, key, changes))
    const workload = await createWorkload({ issuer, clientId: CLIENT, tokenFile })
    await expect(workload.requestToken()).rejects.toMatchObject({ status: 401 })
    await expect.poll(reasons).toEqual([`the assertion was refused: ${reason}`])
  })

  it('is not told that its token is wrong where the cluster cannot be asked', async () => {
    await start({ ...settings(), LATCHKEY_REMOTE_CA: '' })
    const [key] = keys
    if (key === undefined) throw new Error('the cluster has no key')
    await mount(projectedToken(clusterIssuer, key))
    const workload = await createWorkload({ issuer, clientId: CLIENT, tokenFile })
    const failure = (await workload.requestToken().catch((error: unknown) => error)) as { readonly cause: Response }
    expect(failure.cause.status).toBe(503)
    await expect.poll(reasons).toEqual(['RemoteDocuments.find failed: self-signed certificate'])
  })

  it('cannot be registered with an inner address that nobody has allowed', async () => {
    await expect(start({})).rejects.toThrow('LATCHKEY_DANGEROUSLY_ALLOW_PRIVATE_ADDRESSES')
  })
})
