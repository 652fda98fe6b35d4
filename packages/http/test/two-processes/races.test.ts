import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openAdapter } from '@latchkey/adapter-postgres'
import { generateSecret } from '@latchkey/core'
import { freshPrefix, freshSchema } from '@latchkey/test-backends'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asserting, assertionOf } from '../client-assertions.ts'
import { type ClientKey, makeClientKey, proofOf } from '../dpop-proofs.ts'
import { type Answer, sendTo } from '../hosts.ts'
import { buildCli } from '../process/built-cli.ts'
import { basic, FORM, ISSUER } from '../test-server.ts'
import { type NodeProcess, startNode } from './node-process.ts'

const ROUNDS = 20
const RACERS = 50
const PATH = '/oauth2/token'
const ALL_PATHS = [PATH, '/oauth2/introspect', '/oauth2/revoke'] as const
const GRANT = 'grant_type=client_credentials'

const { secret } = generateSecret()
const directory = mkdtempSync(join(tmpdir(), 'latchkey-races-'))
const file = join(directory, 'clients.json')
/** Connections that are there before a race begins, so that nobody waits at the start. */
const agent = new Agent({ keepAlive: true, maxSockets: RACERS })

let key: ClientKey
let nodes: readonly NodeProcess[]

beforeAll(async () => {
  buildCli()
  key = await makeClientKey()
  const clients = {
    signer: { jwks: { keys: [key.jwk] }, token_endpoint_auth_method: 'private_key_jwt', scope: 'read' },
    prover: { client_secret: secret, scope: 'read' },
  }
  writeFileSync(file, JSON.stringify(clients))
  nodes = [await startNode(), await startNode()]
}, 180_000)

afterAll(async () => {
  agent.destroy()
  for (const node of nodes) await node.kill()
  rmSync(directory, { recursive: true })
})

const inMemory = () => ({ url: 'memory:', remove: async () => undefined })

/** A node or two that serve the clients over a storage of their own. */
async function serving(
  count: number,
  { url, remove }: { readonly url: string; remove(): Promise<void> },
  settings: Readonly<Record<string, string>> = {},
) {
  if (url.startsWith('postgres')) {
    const adapter = await openAdapter(new URL(url))
    await adapter.migrations?.apply()
    await adapter.close()
  }
  const served = nodes.slice(0, count)
  const given = { LATCHKEY_STORAGE: url, LATCHKEY_CLIENTS_FILE: file, ...settings }
  const ports = await Promise.all(served.map((node) => node.tell('serve', given)))
  return {
    ports,
    async end() {
      for (const node of served) await node.tell('endService', undefined)
      await remove()
    },
  }
}

interface Request {
  /** They are taken in turns. */
  readonly paths?: readonly string[]
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

const send = (port: number | undefined, { paths = [PATH], body, headers }: Request, turn = 0): Promise<Answer> =>
  sendTo(
    port ?? 0,
    { path: paths[turn % paths.length] ?? PATH, body, headers: { 'content-type': FORM, ...headers } },
    agent,
  )

const outcomeOf = ({ status, body }: Answer): string => {
  const { error } = JSON.parse(body || '{}') as { readonly error?: string }
  return error === undefined ? `${status}` : `${status} ${error}`
}

/** What may be used once: a new one with each call. */
const REQUESTS: Readonly<Record<string, readonly [loses: string, make: () => Promise<Request>]>> = {
  'an assertion': [
    '401 invalid_client',
    async () => ({ body: asserting(await assertionOf(key, 'signer', ISSUER)), headers: {} }),
  ],
  'an assertion, at all endpoints': [
    '401 invalid_client',
    async () => ({
      paths: ALL_PATHS,
      body: asserting(await assertionOf(key, 'signer', ISSUER), { token: 'of nobody' }),
      headers: {},
    }),
  ],
  'a proof': [
    '400 invalid_dpop_proof',
    async () => ({
      body: GRANT,
      headers: { authorization: basic('prover', secret), dpop: await proofOf(key, `${ISSUER}${PATH}`) },
    }),
  ],
  'an assertion and a proof': [
    '401 invalid_client',
    async () => ({
      body: asserting(await assertionOf(key, 'signer', ISSUER)),
      headers: { dpop: await proofOf(key, `${ISSUER}${PATH}`) },
    }),
  ],
}

describe.each([
  ['one process on memory', 1, inMemory],
  ['one process on Postgres', 1, freshSchema],
  ['one process on Redis', 1, freshPrefix],
  ['two processes on Postgres', 2, freshSchema],
  ['two processes on Redis', 2, freshPrefix],
] as const)('%s', (name, count, fresh) => {
  it.for(Object.entries(REQUESTS))(
    'let one of fifty requests pass that come at once with the same of: %s',
    async ([what, [loses, make]], { task }) => {
      const { ports, end } = await serving(count, fresh())
      const won = ports.map(() => 0)
      for (let round = 0; round < ROUNDS; round++) {
        const request = await make()
        const answers = await Promise.all(
          Array.from({ length: RACERS }, (_, racer) => send(ports[racer % count], request, racer)),
        )
        const outcomes = answers.map(outcomeOf)
        expect(outcomes.toSorted()).toEqual(['200', ...Array.from({ length: RACERS - 1 }, () => loses)])
        const winner = outcomes.indexOf('200') % count
        won[winner] = (won[winner] ?? 0) + 1
      }
      const counted = `${name}, ${what}: one of ${RACERS} at once passed, in ${won.join(' and ')} rounds`
      Object.assign(task.meta, { counted })
      await end()
    },
  )
})

describe.each([
  ['Postgres', freshSchema],
  ['Redis', freshPrefix],
] as const)('two processes on %s', (_name, fresh) => {
  it('let an assertion pass that one of them refused for want of a nonce, with that nonce, on the other: once', async () => {
    const { ports, end } = await serving(2, fresh(), {
      LATCHKEY_DPOP_NONCE_REQUIRED: 'true',
      LATCHKEY_DPOP_NONCE_SECRET: randomBytes(32).toString('base64url'),
    })
    const [one, other] = ports
    const body = asserting(await assertionOf(key, 'signer', ISSUER))
    const ask = async (port: number | undefined, nonce?: string) =>
      send(port, { body, headers: { dpop: await proofOf(key, `${ISSUER}${PATH}`, { nonce }) } })
    const refused = await ask(one)
    expect(outcomeOf(refused)).toBe('400 use_dpop_nonce')
    const nonce = refused.headers['dpop-nonce']
    expect(outcomeOf(await ask(other, 'of a stranger'))).toBe('400 use_dpop_nonce')
    expect(outcomeOf(await ask(other, nonce))).toBe('200')
    expect(outcomeOf(await ask(other, nonce))).toBe('401 invalid_client')
    expect(outcomeOf(await ask(one, nonce))).toBe('401 invalid_client')
    await end()
  })
})
