import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateSecret } from '@latchkey/core'
import { startPostgres, startRedis } from '@latchkey/test-backends'
import { Redis } from 'ioredis'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { latchkey } from '../cli/latchkey.ts'
import { type AssertionKey, asserting, assertionOf } from '../client-assertions.ts'
import { makeClientKey, preparedProofs } from '../dpop-proofs.ts'
import { type Answer, type Sent, sendTo } from '../hosts.ts'
import { httpSuite } from '../http-suite.ts'
import { misplaceSecrets } from '../log/misplaced-secrets.ts'
import { startedService } from '../started-service.ts'
import { basic, type ClientId, FORM } from '../test-server.ts'
import { type OpenedKey, openedKey } from './opened-key.ts'
import { secretsInFiles } from './secrets-in-files.ts'

/** A database of the test's own, since its files are read: what was swept, and what was written on the way, is in them too. */
interface Database {
  readonly url: string
  /** Writes everything to the files, and answers where they are. */
  files(): Promise<readonly string[]>
  /** Keeps a text, as no adapter may. */
  plant(text: string): Promise<void>
  stop(): Promise<void>
}

async function openPostgres(): Promise<Database> {
  const server = await startPostgres()
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-dump-'))
  const ask = async (text: string, ...values: string[]): Promise<void> => {
    const client = new pg.Client({ connectionString: server.url })
    await client.connect()
    await client.query(text, values)
    await client.end()
  }
  return {
    url: server.url,
    async files() {
      await ask('CHECKPOINT')
      const dump = execFileSync(pgDump(), ['--dbname', server.url], { encoding: 'utf8', maxBuffer: 2 ** 28 })
      expect(dump).toMatch(/COPY latchkey\.tokens /)
      writeFileSync(join(directory, 'dump.sql'), dump)
      return [directory, ...['base', 'pg_wal'].map((name) => join(server.dataDir, name))]
    },
    async plant(text) {
      await ask('CREATE TABLE latchkey.planted AS SELECT $1::text AS it', text)
    },
    async stop() {
      rmSync(directory, { recursive: true })
      await server.stop()
    },
  }
}

/** Beside the server, of which it is a part. */
function pgDump(): string {
  const beside = execFileSync(
    'sh',
    ['-c', 'ls -d /usr/lib/postgresql/*/bin/pg_dump 2>/dev/null | sort -V | tail -n 1'],
    {
      encoding: 'utf8',
    },
  ).trim()
  return existsSync(beside) ? beside : 'pg_dump'
}

async function openRedis(): Promise<Database> {
  const server = await startRedis({ config: { appendonly: 'yes', rdbcompression: 'no' } })
  const redis = new Redis(server.url)
  return {
    url: server.url,
    async files() {
      await redis.save()
      return [server.dataDir]
    },
    async plant(text) {
      await redis.set('planted', Buffer.from(text).toString('base64'))
    },
    async stop() {
      redis.disconnect()
      await server.stop()
    },
  }
}

/** What the command line prints. */
async function run(command: string, environment: Readonly<Record<string, string>>): Promise<string> {
  const { code, out, err } = await latchkey(command.split(' '), { environment })
  expect([code, err]).toEqual([0, ''])
  return out
}

const IDS: readonly ClientId[] = ['reader', 'other', 'api', 'disabled', 'expired', 'post-only', 'basic-only']
const KEY_ALGORITHMS = ['ES256', 'EdDSA', 'RS256']
const CHOSEN = 'TopSecretClientSecret'
const SIGNING_SECRET = 'a secret that a person chose, and that signs'
const SIGNS = '--auth-method client_secret_jwt'
const ISSUER = 'http://localhost:4000'
const TOKENS = /lk_at_[0-9A-Za-z]{49}|eyJ[\w-]+\.[\w-]+\.[\w-]+/g

describe.each([
  ['Postgres', openPostgres],
  ['Redis', openRedis],
])('what %s keeps after the whole suite', (name, open) => {
  let database: Database
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-clients-file-'))
  const secrets = Object.fromEntries(IDS.map((id) => [id, generateSecret().secret])) as Record<ClientId, string>
  const masterKey = randomBytes(32).toString('base64url')
  const known = new Set([...Object.values(secrets), CHOSEN, SIGNING_SECRET, masterKey])
  const signers: (AssertionKey & { readonly id: string })[] = []
  let keys: readonly OpenedKey[] = []

  beforeAll(async () => {
    database = await open()
    const file = join(directory, 'clients.json')
    const members = (id: ClientId) => ({
      client_secret: secrets[id],
      scopes: { read: true, write: true, admin: false },
      ...(id === 'api' && { introspect: 'any' }),
      ...(id === 'disabled' && { enabled: false }),
      ...(id.endsWith('-only') && { token_endpoint_auth_method: `client_secret_${id.split('-')[0]}` }),
    })
    const signed = { client_secret: CHOSEN, scope: 'read', access_token_format: 'jwt' }
    const registered = Object.fromEntries(IDS.map((id) => [id, members(id)]))
    const { privateKey, jwk } = await makeClientKey()
    const byKey = { jwks: { keys: [jwk] } }
    const bySecret = { token_endpoint_auth_method: 'client_secret_jwt', client_secret: SIGNING_SECRET }
    writeFileSync(file, JSON.stringify({ ...registered, signed, byKey, bySecret }))
    signers.push(
      { id: 'byKey', alg: 'ES256', privateKey },
      { id: 'bySecret', alg: 'HS256', privateKey: Buffer.from(SIGNING_SECRET) },
    )
    const environment = {
      LATCHKEY_STORAGE: database.url,
      LATCHKEY_ISSUER: ISSUER,
      LATCHKEY_MASTER_KEY: masterKey,
    }
    const commands = ['migrate', 'client add made --json', 'client credential add made --json']
    for (const command of [...commands, `client add signs ${SIGNS} --json`, 'client credential add signs --json'])
      for (const secret of (await run(command, environment)).match(/lk_s_\w+/g) ?? []) {
        known.add(secret)
        if (command.includes('signs')) signers.push({ id: 'signs', alg: 'HS512', privateKey: Buffer.from(secret) })
      }
    for (const alg of KEY_ALGORITHMS) await run('key rotate', { ...environment, LATCHKEY_SIGNING_ALG: alg })
    const { service, port } = await startedService({ ...environment, LATCHKEY_CLIENTS_FILE: file })
    try {
      await useEverything(port)
      keys = ((await service.storage.keys?.list())?.keys ?? []).map((record) => openedKey(record, masterKey))
    } finally {
      await service.close()
    }
  })

  afterAll(async () => {
    rmSync(directory, { recursive: true })
    await database.stop()
  })

  const send = async (port: number, sent: Sent): Promise<Answer> => {
    const answer = await sendTo(port, sent)
    for (const token of answer.body.match(TOKENS) ?? []) known.add(token)
    return answer
  }

  /** Assertions of each signer, right and used and wrong: each counts as known with its signature and its name. */
  async function assertEverything(port: number): Promise<void> {
    for (const { id, ...key } of signers) {
      const [good, wrong] = [await assertionOf(key, id, ISSUER), await assertionOf(key, id, 'https://other.example')]
      for (const assertion of [good, wrong]) {
        const [, payload = '', signature = ''] = assertion.split('.')
        const { jti } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { readonly jti: string }
        for (const part of [assertion, payload, signature, jti]) known.add(part)
      }
      for (const [assertion, expected] of [
        [good, 200],
        [good, 401],
        [wrong, 401],
      ] as const) {
        const sent = { path: '/oauth2/token', body: asserting(assertion), headers: { 'content-type': FORM } }
        expect([id, (await send(port, sent)).status]).toEqual([id, expected])
      }
    }
  }

  /** The suite, a token of each kind from its issue to its revocation, and secrets where they do not belong. */
  async function useEverything(port: number): Promise<void> {
    const post = (id: string, secret: string, path: string, body: string) =>
      send(port, { path, body, headers: { 'content-type': FORM, authorization: basic(id, secret) } })
    const tokenOf = async (id: string, secret: string): Promise<string> => {
      const { status, body } = await post(id, secret, '/oauth2/token', 'grant_type=client_credentials')
      expect(status).toBe(200)
      return (JSON.parse(body) as { access_token: string }).access_token
    }
    const token = await tokenOf('reader', secrets.reader)
    const given = { secrets, token, ...(await preparedProofs(ISSUER)) }
    for (const testCase of httpSuite) {
      const answer = await send(port, testCase.send(given))
      expect([testCase.title, answer.status]).toEqual([testCase.title, testCase.statusWhereSigned ?? testCase.status])
    }
    for (const [id, secret] of [
      ['reader', secrets.reader],
      ['signed', CHOSEN],
    ] as const) {
      const revoked = await tokenOf(id, secret)
      for (const path of ['/oauth2/introspect', '/oauth2/revoke', '/oauth2/introspect'])
        expect((await post(id, secret, path, `token=${revoked}`)).status).toBe(200)
    }
    await assertEverything(port)
    expect(await misplaceSecrets(port, { clientId: 'reader', secret: secrets.reader, token })).toBeGreaterThan(100)
    expect(await misplaceSecrets(port, { clientId: 'signed', secret: CHOSEN, token })).toBeGreaterThan(100)
  }

  it('holds no secret and no token that the service was given or gave out, in any form', async ({ task }) => {
    const found = secretsInFiles(await database.files(), known)
    Object.assign(task.meta, { counted: `${name}: ${known.size} secrets and tokens looked for, ${found.size} found` })
    const kinds = ['lk_s_', 'lk_at_', 'eyJ'].map((start) => [...known].filter((each) => each.startsWith(start)).length)
    // Those of the file and of the command line; of the suite; a signed one, and the assertions.
    expect(kinds.map((count, index) => count >= ([11, 9, 9][index] ?? 0))).toEqual([true, true, true])
    expect(signers.map(({ id }) => id)).toEqual(['byKey', 'bySecret', 'signs', 'signs'])
    expect([...found]).toEqual([])
  })

  it('holds the private half of no signing key in clear, in any form', async ({ task }) => {
    const parts = keys.flatMap((key) => key.parts)
    const found = secretsInFiles(await database.files(), parts)
    Object.assign(task.meta, { counted: `${name}: ${parts.length} parts of ${keys.length} private keys looked for` })
    expect(new Set(keys.map(({ alg }) => alg))).toEqual(new Set(KEY_ALGORITHMS))
    expect(found.size).toBe(0)
  })

  it('would be seen to hold a secret, and a private key in PEM', async () => {
    const [planted = ''] = known
    await database.plant([planted, ...keys.map(({ pem }) => pem)].join(' '))
    const found = secretsInFiles(await database.files(), [...known, ...keys.flatMap((key) => key.parts)])
    expect([...known].filter((secret) => found.has(secret))).toEqual([planted])
    expect(keys.map(({ parts }) => parts.some((part) => found.has(part)))).toEqual(keys.map(() => true))
  })

  it('would be seen to hold a private key in DER or as a JWK', () => {
    for (const { parts, der, jwk } of keys)
      for (const content of [der, jwk]) {
        const place = mkdtempSync(join(directory, 'key-'))
        writeFileSync(join(place, 'key'), content)
        expect(secretsInFiles([place], parts).size).toBeGreaterThan(0)
      }
  })
})
