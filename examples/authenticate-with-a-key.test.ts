import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type KeptStorage, keep, latchkey } from '../packages/http/test/cli/latchkey.ts'
import { freePort } from '../packages/http/test/judges/free-port.ts'
import { type StartedService, startedService } from '../packages/http/test/started-service.ts'
import { CERT, KEY } from '../packages/http/test/tls-key-pair.ts'
import { createKeyClient } from './authenticate-with-a-key.ts'

const CLIENT = 'nightly-reports'
/** How long a service may not know of a change, and then some. */
const KNOWN_EVERYWHERE_MS = 1500

/** What the client does all the time, with whatever it was deployed with last. */
type RequestToken = () => Promise<unknown>

/** Three instances of the client, which ask for one token after the other until they are told to end. */
function askAllTheTime(first: RequestToken) {
  let asking = true
  const failures: unknown[] = []
  const deployed = [first, first, first]
  const counts = deployed.map(() => 0)
  const instances = deployed.map(async (_, index) => {
    for (; asking; await pause(10)) {
      await deployed[index]?.().catch((error: unknown) => failures.push(error))
      counts[index] = (counts[index] ?? 0) + 1
    }
  })
  return {
    /** One instance after the other, each when the one before it has asked for some tokens. */
    async deploy(next: RequestToken) {
      for (const index of deployed.keys()) {
        deployed[index] = next
        const before = counts[index] ?? 0
        await expect.poll(() => counts[index], { timeout: 10_000 }).toBeGreaterThan(before + 3)
      }
    },
    /** Resolves with every failure that there was. */
    async end(): Promise<readonly unknown[]> {
      asking = false
      await Promise.all(instances)
      return failures
    },
  }
}

interface Shown {
  readonly id: string
  readonly label?: string
  readonly last_used_at?: number
}

describe('moving a client from a secret to a key', { timeout: 60_000 }, () => {
  let folder: string
  let storage: KeptStorage
  let host: Server
  let started: StartedService
  let environment: Record<string, string>
  let issuer: string
  let published: object
  let load: ReturnType<typeof askAllTheTime> | undefined

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-keys-'))
    storage = await keep()
    host = createServer({ cert: CERT, key: KEY }, (_request, response) => {
      response.setHeader('content-type', 'application/jwk-set+json').end(JSON.stringify(published))
    }).listen(0, '127.0.0.1')
    await once(host, 'listening')
    const port = await freePort()
    issuer = `http://localhost:${port}`
    environment = {
      ...storage.environment,
      LATCHKEY_REMOTE_CA: CERT,
      LATCHKEY_DANGEROUSLY_ALLOW_PRIVATE_ADDRESSES: '127.0.0.1',
    }
    started = await startedService({ ...environment, LATCHKEY_ISSUER: issuer, LATCHKEY_PORT: `${port}` })
  })
  afterAll(async () => {
    await load?.end()
    await started.service.close()
    host.closeAllConnections()
    host.close()
    await storage.end()
    await rm(folder, { recursive: true })
  })

  async function command(...argv: readonly string[]): Promise<Record<string, unknown>> {
    const { code, out, err } = await latchkey([...argv, '--json'], { environment, directory: folder })
    expect([code, err]).toEqual([0, ''])
    return JSON.parse(out) as Record<string, unknown>
  }

  const credentials = async () =>
    (await command('client', 'credential', 'list', CLIENT))['credentials'] as readonly Shown[]

  /** What `openssl genpkey` and `openssl pkey -pubout` write. */
  async function keyPair(name: string): Promise<KeyObject> {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    await writeFile(join(folder, `${name}.pem`), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
    await writeFile(join(folder, `${name}-public.pem`), publicKey.export({ type: 'spki', format: 'pem' }))
    return publicKey
  }

  const withKey = async (name: string, kid?: string): Promise<RequestToken> =>
    (await createKeyClient({ issuer, clientId: CLIENT, keyFile: join(folder, `${name}.pem`), ...(kid && { kid }) }))
      .requestToken

  async function withSecret(secret: unknown): Promise<RequestToken> {
    const config = await client.discovery(new URL(issuer), CLIENT, String(secret), undefined, {
      algorithm: 'oauth2',
      execute: [client.allowInsecureRequests],
    })
    return () => client.clientCredentialsGrant(config, { scope: 'sales:read' })
  }

  /** Which credential each token was got by, one after the other. */
  const usedCredentials = (): readonly string[] =>
    started.logged
      .map((line) => JSON.parse(line) as { readonly event?: string; readonly credentialId?: string })
      .flatMap(({ event, credentialId }) => (event === 'token_issued' && credentialId ? [credentialId] : []))

  it('refuses no request on the way, nor from one key to the next, nor to keys that the client publishes', async () => {
    const added = await command('client', 'add', CLIENT, '--scope', 'sales:read')
    const [{ id: secret } = { id: '' }] = await credentials()

    load = askAllTheTime(await withSecret(added['client_secret']))

    /** Gives all instances of the client what they authenticate with from now on, and sees them use it, and it alone. */
    async function deploy(next: RequestToken, credential: unknown): Promise<void> {
      await load?.deploy(next)
      const before = usedCredentials().length
      await expect.poll(() => usedCredentials().length).toBeGreaterThan(before + 5)
      expect(new Set(usedCredentials().slice(before))).toEqual(new Set([credential]))
    }

    // The key is registered beside the secret, and known everywhere before anybody signs with it.
    await keyPair('first')
    const first = await command(
      ...['client', 'credential', 'add', CLIENT, '--jwks', 'first-public.pem', '--label', 'first key'],
    )
    await pause(KNOWN_EVERYWHERE_MS)
    await deploy(await withKey('first'), first['credential_id'])
    await expect
      .poll(async () => (await credentials()).find(({ label }) => label === 'first key')?.last_used_at, {
        timeout: 20_000,
        interval: 500,
      })
      .toEqual(expect.any(Number))
    await command('client', 'credential', 'remove', CLIENT, secret)
    await command('client', 'update', CLIENT, '--auth-method', 'private_key_jwt', '--auth-signing-alg', 'ES256')
    await pause(KNOWN_EVERYWHERE_MS)
    await expect((await withSecret(added['client_secret']))()).rejects.toMatchObject({ status: 401 })

    // From that key to the next one.
    await keyPair('second')
    const second = await command(
      ...['client', 'credential', 'add', CLIENT, '--jwks', 'second-public.pem', '--overlap', '1d'],
    )
    await pause(KNOWN_EVERYWHERE_MS)
    await deploy(await withKey('second'), second['credential_id'])
    await command('client', 'credential', 'remove', CLIENT, String(first['credential_id']))

    // To the place where the client publishes its keys: one that nobody has registered is enough from now on.
    const third = { ...(await keyPair('third')).export({ format: 'jwk' }), kid: 'third' }
    published = { keys: [third] }
    const { port } = host.address() as AddressInfo
    const uri = `https://127.0.0.1:${port}/jwks.json`
    const place = await command('client', 'credential', 'add', CLIENT, '--jwks-uri', uri)
    await pause(KNOWN_EVERYWHERE_MS)
    await deploy(await withKey('third', 'third'), place['credential_id'])
    await command('client', 'credential', 'remove', CLIENT, String(second['credential_id']))

    // And there from one to the next, without a word to anybody.
    const fourth = { ...(await keyPair('fourth')).export({ format: 'jwk' }), kid: 'fourth' }
    published = { keys: [third, fourth] }
    await deploy(await withKey('fourth', 'fourth'), place['credential_id'])

    expect(await load.end()).toEqual([])
    expect(await credentials()).toMatchObject([{ id: place['credential_id'], kind: 'jwks_uri' }])
  })

  it('says in the log why a request is refused, and tells the client nothing', async () => {
    await pause(KNOWN_EVERYWHERE_MS)
    await keyPair('stranger')
    const requestToken = await withKey('stranger', 'stranger')
    await expect(requestToken()).rejects.toMatchObject({ status: 401 })
    // Events are told after the answer.
    await expect.poll(() => started.logged.filter((line) => line.includes('no key of that alg'))).toHaveLength(1)
    expect(started.logged.at(-1)).toContain(
      '"reason":"the assertion was refused: the client has no key of that alg and kid"',
    )
  })
})
