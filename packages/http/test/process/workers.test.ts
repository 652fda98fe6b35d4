import { Agent, request as httpRequest } from 'node:http'
import { availableParallelism } from 'node:os'
import { connect as connectTls } from 'node:tls'
import { freshPrefix, freshSchema, isRunning } from '@latchkey/test-backends'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { makeClientKey, proofOf } from '../dpop-proofs.ts'
import { FORM } from '../test-server.ts'
import { CERT, KEY } from '../tls-key-pair.ts'
import { buildCli, freePort, startCli } from './built-cli.ts'
import { type ServedByWorkers, serveByWorkers } from './served-by-workers.ts'

const GRANT = 'grant_type=client_credentials'
const PATIENCE = { timeout: 20_000, interval: 20 }

beforeAll(() => buildCli(), 120_000)

const ends: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

async function serve(
  settings: Readonly<Record<string, string>>,
  clients: Parameters<typeof serveByWorkers>[1] = { reader: {} },
): Promise<ServedByWorkers> {
  const served = await serveByWorkers(settings, clients)
  ends.push(() => served.remove())
  return served
}

function place(fresh: typeof freshPrefix): string {
  const { url, remove } = fresh()
  ends.push(remove)
  return url
}

const tokenIn = ({ body }: { readonly body: string }): string =>
  (JSON.parse(body) as { readonly access_token: string }).access_token

const errorIn = ({ body }: { readonly body: string }): string =>
  (JSON.parse(body) as { readonly error?: string }).error ?? 'passed'

const eventsOf = ({ lines }: ServedByWorkers, ...wanted: readonly string[]) =>
  lines()
    .map(({ event }) => event)
    .filter((event) => wanted.includes(String(event)))

describe.each([
  ['Postgres', freshSchema],
  ['Redis', freshPrefix],
])('two workers on %s', { timeout: 60_000 }, (_, fresh) => {
  it('serve on one port as one service, which does once what is to be done once, and end with it', async () => {
    const served = await serve({ LATCHKEY_STORAGE: place(fresh) })
    expect(served.workers()).toHaveLength(2)
    const tokens = await Promise.all(Array.from({ length: 40 }, () => served.post('/oauth2/token', 'reader', GRANT)))
    expect(new Set(tokens.map(({ status }) => status))).toEqual(new Set([200]))
    const answers = await Promise.all(
      tokens.map((answer) => served.post('/oauth2/introspect', 'reader', `token=${tokenIn(answer)}`)),
    )
    expect(answers.map(({ body }) => (JSON.parse(body) as { readonly active: boolean }).active)).not.toContain(false)
    await expect.poll(() => eventsOf(served, 'token_issued').length, PATIENCE).toBe(40)
    expect([...served.requestsByWorker().keys()]).toHaveLength(2)

    expect(served.lines().find(({ event }) => event === 'started')).toMatchObject({ workers: 2 })
    served.child.kill('SIGTERM')
    expect(await served.ended).toBe(0)
    const once = ['migrated', 'client_of_file', 'started', 'stopping', 'stopped']
    expect(eventsOf(served, ...once)).toEqual(fresh === freshSchema ? once : once.slice(1))
    const warnings = served.lines().flatMap(({ event, msg }) => (event === 'warning' ? [msg] : []))
    expect(new Set(warnings).size).toBe(warnings.length)
    expect(served.output.err).toBe('')
  })

  it('let one of fifty proofs that are the same pass, and know the nonces of each other without a setting', async () => {
    const served = await serve({ LATCHKEY_STORAGE: place(fresh) }, { prover: { dpop_nonce_required: true } })
    const address = `http://localhost:${served.port}/oauth2/token`
    const key = await makeClientKey()
    const ask = (dpop: string) => served.post('/oauth2/token', 'prover', GRANT, { dpop })
    const { headers } = await ask(await proofOf(key, address))
    for (let round = 0; round < 5; round++) {
      const proof = await proofOf(key, address, { nonce: headers['dpop-nonce'] })
      const codes = (await Promise.all(Array.from({ length: 50 }, () => ask(proof)))).map(errorIn)
      expect(codes.toSorted()).toEqual([...Array.from({ length: 49 }, () => 'invalid_dpop_proof'), 'passed'])
    }
    await expect.poll(() => [...served.requestsByWorker().values()].length, PATIENCE).toBe(2)
    for (const requests of served.requestsByWorker().values()) expect(requests).toBeGreaterThan(50)
  })
})

describe('workers', { timeout: 60_000 }, () => {
  it('share the connections that clients keep', async () => {
    const served = await serve({ LATCHKEY_STORAGE: place(freshPrefix) })
    const agents = Array.from({ length: 64 }, () => new Agent({ keepAlive: true, maxSockets: 1 }))
    const ask = (agent: Agent): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const authorization = served.authorizationOf('reader')
        const headers = { 'content-type': FORM, 'content-length': GRANT.length, authorization }
        const url = `http://127.0.0.1:${served.port}/oauth2/token`
        const request = httpRequest(url, { agent, method: 'POST', headers }, (response) => {
          response.resume().on('end', () => resolve(response.statusCode))
        })
        request.on('error', reject).end(GRANT)
      })
    // One after another: of those that come at once, a worker that is slow to take one gets fewer.
    for (const agent of agents) expect(await ask(agent)).toBe(200)
    for (let turn = 1; turn < 5; turn++) expect(new Set(await Promise.all(agents.map(ask)))).toEqual(new Set([200]))
    for (const agent of agents) agent.destroy()
    await expect.poll(() => eventsOf(served, 'token_issued').length, PATIENCE).toBe(64 * 5)
    const connections = [...served.requestsByWorker().values()].map((requests) => requests / 5)
    expect(connections).toHaveLength(2)
    for (const count of connections) expect(count).toBeGreaterThanOrEqual(24)
  })

  it('resume the TLS sessions of each other', async () => {
    const tls = { LATCHKEY_TLS_CERT: CERT, LATCHKEY_TLS_KEY: KEY }
    const served = await serve({ LATCHKEY_STORAGE: place(freshPrefix), ...tls })
    // Without a client it is refused, which is told with a request id.
    const text = `POST /oauth2/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${FORM}\r\nContent-Length: ${GRANT.length}\r\nConnection: close\r\n\r\n${GRANT}`
    const talk = (session?: Buffer): Promise<{ readonly isReused: boolean; readonly session: Buffer | undefined }> =>
      new Promise((resolve, reject) => {
        let isReused = false
        let kept: Buffer | undefined
        const to = { host: '127.0.0.1', port: served.port, servername: 'localhost', ca: CERT }
        const socket = connectTls({ ...to, ...(session && { session }) }, () => {
          isReused = socket.isSessionReused()
          socket.write(text)
        })
        socket.on('session', (ticket) => {
          kept = ticket
        })
        socket.on('error', reject)
        socket.on('close', () => resolve({ isReused, session: kept }))
        socket.resume()
      })
    const { isReused, session } = await talk()
    expect([isReused, session]).toEqual([false, expect.any(Buffer)])
    for (let turn = 0; turn < 6; turn++) expect((await talk(session)).isReused).toBe(true)
    await expect
      .poll(() => [...served.requestsByWorker().values()].toSorted((one, other) => one - other), PATIENCE)
      .toEqual([3, 4])
  })

  it('never mix their lines, however long these are', async () => {
    const scope = Array.from({ length: 200 }, (_each, index) => `${'x'.repeat(60)}:${index}`).join(' ')
    const served = await serve({ LATCHKEY_STORAGE: place(freshPrefix) }, { reader: { scope } })
    for (let turn = 0; turn < 10; turn++)
      await Promise.all(Array.from({ length: 50 }, () => served.post('/oauth2/token', 'reader', GRANT)))
    await expect.poll(() => eventsOf(served, 'token_issued').length, PATIENCE).toBe(500)
    expect(served.output.out.length).toBeGreaterThan(500 * scope.length)
    const ids = served.lines().flatMap(({ requestId }) => requestId ?? [])
    expect(new Set(ids).size).toBe(500)
  })

  it('end well when a terminal, or what runs services, tells all of them at once', async () => {
    const served = await serve({ LATCHKEY_STORAGE: place(freshPrefix) })
    for (const pid of [...served.workers(), served.child.pid ?? 0]) process.kill(pid, 'SIGINT')
    expect(await served.ended).toBe(0)
    expect(eventsOf(served, 'stopping', 'stopped', 'worker_died')).toEqual(['stopping', 'stopped'])
  })

  it('end at once on a second signal, with exit code 1', async () => {
    const served = await serve({ LATCHKEY_STORAGE: place(freshPrefix) })
    const workers = served.workers()
    served.child.kill('SIGTERM')
    await served.until(/"event":"stopping"/)
    served.child.kill('SIGTERM')
    expect(await served.ended).toBe(1)
    expect(served.output.out).toMatch(/"event":"killed","reason":"told to end a second time"/)
    await expect.poll(() => workers.filter(isRunning), PATIENCE).toEqual([])
  })

  it('end with their primary, even if that is killed', async () => {
    const served = await serve({ LATCHKEY_STORAGE: place(freshPrefix) })
    const workers = served.workers()
    expect(workers.map(isRunning)).toEqual([true, true])
    served.child.kill('SIGKILL')
    await expect.poll(() => workers.filter(isRunning), PATIENCE).toEqual([])
  })

  it('are as many as there are cores, where that is what is set', async () => {
    const served = await serve({ LATCHKEY_STORAGE: place(freshPrefix), LATCHKEY_WORKERS: 'auto' })
    expect(served.lines().find(({ event }) => event === 'started')).toMatchObject({ workers: availableParallelism() })
  })

  it('are one process that has all it needs in its memory, where there is one core', async () => {
    const oneCore =
      "import os from 'node:os'; import { syncBuiltinESMExports } from 'node:module'; os.availableParallelism = () => 1; syncBuiltinESMExports()"
    const served = await serve({
      LATCHKEY_WORKERS: 'auto',
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(oneCore)}`,
    })
    expect(served.lines().find(({ event }) => event === 'started')).toMatchObject({ workers: 1 })
    expect(served.workers()).toEqual([])
    expect((await served.post('/oauth2/token', 'reader', GRANT)).status).toBe(200)
  })
})

describe('a start with workers', { timeout: 60_000 }, () => {
  async function refusal(settings: Readonly<Record<string, string>>) {
    const { ended, output } = startCli(['serve'], { LATCHKEY_WORKERS: '2', ...settings })
    return { code: await ended, ...output }
  }

  it.each([
    [{}, /LATCHKEY_STORAGE keeps clients and tokens in the memory/],
    [{ LATCHKEY_WORKERS: 'both' }, /must be auto or a whole number from 1 to 64/],
    [{ LATCHKEY_HOOKS: './none.mjs' }, /LATCHKEY_HOOKS: .*none\.mjs/],
  ])('is refused once, with the reason: %o', async (settings, reason) => {
    const { code, out, err } = await refusal(settings)
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(/^latchkey: LATCHKEY_[^\n]*\n$/)
    expect(err).toMatch(reason)
  })

  it('is refused where one half of the storage is memory', async () => {
    const { code, err } = await refusal({ LATCHKEY_STORAGE: place(freshPrefix), LATCHKEY_TOKEN_STORAGE: 'memory:' })
    expect(code).toBe(1)
    expect(err).toMatch(/^latchkey: LATCHKEY_WORKERS: 2 workers .* LATCHKEY_TOKEN_STORAGE keeps tokens in[^\n]*\n$/)
  })

  it('is refused once when the port is taken', async () => {
    const first = await serve({ LATCHKEY_STORAGE: place(freshPrefix) })
    const settings = { LATCHKEY_STORAGE: place(freshPrefix), LATCHKEY_PORT: String(first.port) }
    expect(await refusal(settings)).toEqual({
      code: 1,
      out: '',
      err: `latchkey: LATCHKEY_PORT: port ${first.port} of 127.0.0.1 is in use\n`,
    })
  })

  it('has one port where any is good', async () => {
    const issuer = { LATCHKEY_ISSUER: `http://localhost:${await freePort()}` }
    const served = await serve({ LATCHKEY_STORAGE: place(freshPrefix), LATCHKEY_PORT: '0', ...issuer })
    const { address } = served.lines().find(({ event }) => event === 'started') as { readonly address: string }
    expect((await fetch(`${address}/health/ready`)).status).toBe(200)
  })
})
