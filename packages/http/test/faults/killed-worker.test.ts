import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freshPrefix, freshSchema } from '@latchkey/test-backends'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { buildCli } from '../process/built-cli.ts'
import { type ServedByWorkers, serveByWorkers } from '../process/served-by-workers.ts'
import { lossesOf } from './ledger.ts'
import { startLoad } from './load.ts'
import { CONNECTIONS, type Served } from './served.ts'

const KILLS = 3
const BEFORE_EACH = 500
/** A connection that nobody answers is closed, and leaves nobody waiting. */
const ANSWER_WITHIN_MS = 10_000
const PATIENCE = { timeout: 60_000, interval: 20 }

const ended: (() => Promise<unknown>)[] = []

beforeAll(() => buildCli(), 120_000)

afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end()
})

function placeOf(fresh: typeof freshPrefix): string {
  const { url, remove } = fresh()
  ended.push(remove)
  return url
}

/** The service as a load sees it, each request over a connection of its own. */
function asClient({ post, output }: ServedByWorkers): Pick<Served, 'post' | 'log'> & { readonly late: () => number } {
  let late = 0
  return {
    late: () => late,
    log: () => output.out.slice(-4000),
    async post(path, form) {
      const begun = performance.now()
      const body = new URLSearchParams(form).toString()
      const tooLate = setTimeout(() => late++, ANSWER_WITHIN_MS)
      const answer = await Promise.race([
        post(path, 'loader', body).catch(() => undefined),
        pause(ANSWER_WITHIN_MS, undefined),
      ])
      clearTimeout(tooLate)
      return answer && { ...answer, milliseconds: performance.now() - begun }
    },
  }
}

describe.each([
  ['Postgres', freshSchema],
  ['Redis', freshPrefix],
] as const)('workers on %s under load', (name, fresh) => {
  it('are replaced when they are killed, and nothing that was acknowledged is lost', async ({ task }) => {
    const byWorkers = await serveByWorkers({ LATCHKEY_STORAGE: placeOf(fresh) }, { loader: {} })
    ended.push(() => byWorkers.remove())
    const served = asClient(byWorkers)
    const load = startLoad(served)
    ended.push(() => load.stop())
    const replaced = () => byWorkers.lines().filter(({ event }) => event === 'worker_replaced').length
    for (let kill = 0; kill < KILLS; kill++) {
      await load.acknowledges(BEFORE_EACH)
      process.kill(byWorkers.workers()[kill % 2] ?? 0, 'SIGKILL')
      await expect.poll(replaced, PATIENCE).toBe(kill + 1)
    }
    await load.acknowledges(BEFORE_EACH)
    const unanswered = load.unanswered()
    await load.stop()

    const { ledger } = load
    const lost = await lossesOf(ledger, served)
    const counted =
      `${name}: kill -9 of a worker, ${KILLS} times under load: ` +
      `${ledger.issued} tokens and ${ledger.revoked.size} revocations acknowledged, ${unanswered} requests unanswered, ` +
      `${lost.tokens.length} tokens and ${lost.revocations.length} revocations lost`
    console.log(counted)
    Object.assign(task.meta, { counted })
    expect(load.refusals).toEqual([])
    expect(served.late()).toBe(0)
    // No more than were under way at the worker, and each kill has met some.
    expect(unanswered).toBeGreaterThanOrEqual(KILLS)
    expect(unanswered).toBeLessThanOrEqual(KILLS * CONNECTIONS)
    expect(lost).toEqual({ tokens: [], revocations: [] })
    const reasons = byWorkers.lines().flatMap(({ event, reason }) => (event === 'worker_died' ? [reason] : []))
    expect(reasons).toEqual(Array.from({ length: KILLS }, () => 'SIGKILL'))
  })

  it('answer every request that reaches them until they have ended', async () => {
    const served = await serveByWorkers({ LATCHKEY_STORAGE: placeOf(fresh) }, { reader: {} })
    ended.push(() => served.remove())
    let stopped = false
    const answers: Promise<readonly number[]>[] = Array.from({ length: CONNECTIONS }, async () => {
      const statuses: number[] = []
      while (!stopped)
        statuses.push((await served.post('/oauth2/token', 'reader', 'grant_type=client_credentials')).status)
      return statuses
    })
    await pause(500)
    served.child.kill('SIGTERM')
    await served.until(/"event":"stopping"/)
    // Still in its grace, in which nobody sends it new ones any more.
    await expect.poll(async () => (await fetch(`http://127.0.0.1:${served.port}/health/ready`)).status).toBe(503)
    stopped = true
    const statuses = (await Promise.all(answers)).flat()
    expect(await served.ended).toBe(0)
    expect(new Set(statuses)).toEqual(new Set([200]))
    // Every answer has its line: none was lost with the end of a worker.
    expect(served.lines().filter(({ event }) => event === 'token_issued')).toHaveLength(statuses.length)
  })
})

describe('workers that die as soon as they are started', () => {
  it('end the service with exit code 1 and the reason', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'latchkey-hooks-'))
    ended.push(async () => rmSync(directory, { recursive: true }))
    const hooks = join(directory, 'hooks.mjs')
    writeFileSync(
      hooks,
      "import cluster from 'node:cluster'\n" +
        'if (cluster.isWorker && cluster.worker.id !== 2) setTimeout(() => process.exit(7), 1500)\n' +
        'export const claims = () => ({})\n',
    )
    const settings = { LATCHKEY_STORAGE: placeOf(freshPrefix), LATCHKEY_HOOKS: hooks }
    const served = await serveByWorkers(settings, { reader: {} })
    ended.push(() => served.remove())
    expect(await served.ended).toBe(1)
    const reasons = served.lines().flatMap(({ event, reason }) => (event === 'worker_died' ? [reason] : []))
    expect(new Set(reasons)).toEqual(new Set(['exit code 7']))
    expect(served.lines().at(-2)).toMatchObject({
      level: 'fatal',
      event: 'crashed',
      reason: expect.stringMatching(/worker 1 died again and again as soon as it was started/),
    })
    expect(served.workers()).toEqual([])
  })
})
