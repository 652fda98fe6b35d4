import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createLog } from '../../src/log/log.ts'
import { StartRefused } from '../../src/start-refused.ts'
import { superviseWorkers } from '../../src/workers/supervise-workers.ts'
import type { WorkerEnd, WorkerProcess } from '../../src/workers/worker-process.ts'

/** A worker without a process, which does what a test says. */
interface StandIn extends WorkerProcess {
  readonly heard: readonly string[]
  listen(): void
  refuse(problem: string): void
  die(end?: WorkerEnd): void
}

const DEAD: WorkerEnd = { code: null, signal: 'SIGKILL' }

function standIn(pid: number): StandIn {
  const heard: string[] = []
  const { promise: listening, resolve, reject } = withResolvers<string>()
  const { promise: ended, resolve: die } = withResolvers<WorkerEnd>()
  listening.catch(() => undefined)
  return {
    pid,
    heard,
    listening,
    ended,
    listen: () => resolve('http://127.0.0.1:4000'),
    refuse: (problem) => reject(new StartRefused([problem])),
    die: (end = DEAD) => die(end),
    end: () => void heard.push('end'),
    kill() {
      heard.push('kill')
      die(DEAD)
    },
  }
}

/** Node 20 has none of its own. */
function withResolvers<Value>() {
  let resolve: (value: Value) => void = () => undefined
  let reject: (reason: Error) => void = () => undefined
  const promise = new Promise<Value>((toResolve, toReject) => {
    resolve = toResolve
    reject = toReject
  })
  return { promise, resolve, reject }
}

function setUp(count = 2) {
  const started: StandIn[] = []
  const logged: Record<string, unknown>[] = []
  const log = createLog('info', { write: (line) => logged.push(JSON.parse(line) as Record<string, unknown>) })
  let time = 0
  const supervised = superviseWorkers({
    count,
    log,
    now: () => time,
    startWorker() {
      const worker = standIn(started.length + 1)
      started.push(worker)
      return worker
    },
  })
  const [one, other] = started as [StandIn, StandIn]
  return {
    supervised,
    started,
    one,
    other,
    events: () => logged.map(({ event }) => event),
    logged,
    later(milliseconds: number) {
      time += milliseconds
    },
    async serving() {
      for (const worker of started) worker.listen()
      return supervised
    },
  }
}

const HOUR_MS = 3_600_000

describe('the primary', () => {
  it('serves once every worker does', async () => {
    const { supervised, one, other } = setUp()
    let isServing = false
    void supervised.then(() => {
      isServing = true
    })
    one.listen()
    await pause(0)
    expect(isServing).toBe(false)
    other.listen()
    expect((await supervised).address).toBe('http://127.0.0.1:4000')
  })

  it('ends every worker, and says why, when one cannot serve', async () => {
    const { supervised, one, other } = setUp()
    one.listen()
    other.refuse('LATCHKEY_PORT: port 4000 of 127.0.0.1 is in use')
    await expect(supervised).rejects.toThrow('LATCHKEY_PORT: port 4000 of 127.0.0.1 is in use')
    expect([one.heard, other.heard]).toEqual([['kill'], ['kill']])
  })

  it('puts another one at once in the place of one that has served, and tells of it', async () => {
    const { serving, started, one, later, logged } = setUp()
    await serving()
    later(HOUR_MS)
    one.die()
    await expect.poll(() => started.length).toBe(3)
    started[2]?.listen()
    await expect.poll(() => logged.length).toBe(2)
    expect(logged).toMatchObject([
      { level: 'error', event: 'worker_died', worker: 1, pid: 1, reason: 'SIGKILL' },
      { level: 'info', event: 'worker_replaced', worker: 1, pid: 3 },
    ])
  })

  it('goes on when the one in the place of another cannot serve either', async () => {
    const { serving, started, one, later, events } = setUp()
    await serving()
    later(HOUR_MS)
    one.die()
    await expect.poll(() => started.length).toBe(3)
    started[2]?.refuse('LATCHKEY_STORAGE: connect ECONNREFUSED')
    started[2]?.die({ code: 1, signal: null })
    await expect.poll(() => started.length).toBe(4)
    started[3]?.listen()
    await expect.poll(events).toEqual(['worker_died', 'worker_refused', 'worker_died', 'worker_replaced'])
  })

  it('tells every worker to end, waits for all, and replaces none', async () => {
    const { serving, started, one, other } = setUp()
    const { close } = await serving()
    const closed = close()
    one.die({ code: 0, signal: null })
    expect(await Promise.race([closed.then(() => 'closed'), pause(20, 'waits')])).toBe('waits')
    other.die({ code: 0, signal: null })
    await closed
    await close()
    expect([one.heard, other.heard, started.length]).toEqual([['end'], ['end'], 2])
  })

  it('does not end well when a worker does not', async () => {
    const { serving, one, other } = setUp()
    const { close } = await serving()
    const closed = close()
    one.die({ code: 0, signal: null })
    other.die({ code: 1, signal: null })
    await expect(closed).rejects.toThrow('a worker ended with exit code 1')
  })

  it('gives up, and says so, when a worker dies again and again as soon as it is started', {
    timeout: 20_000,
  }, async () => {
    const { serving, started, one } = setUp()
    const { failure } = await serving()
    one.die()
    for (let death = 0; death < 5; death++) {
      await expect.poll(() => started.length, { timeout: 10_000 }).toBe(3 + death)
      started.at(-1)?.die()
    }
    expect((await failure).message).toBe('worker 1 died again and again as soon as it was started')
  })
})
