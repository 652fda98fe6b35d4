import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  type CachedClients,
  type CachedClientsOptions,
  type Client,
  type ClientChanges,
  type ClientRegistry,
  createCachedClients,
  defineClient,
  forgettingWrites,
} from '../src/index.ts'

/** A client that says which version of it was found. */
const version = (id: string, count: number): Client => defineClient({ id, name: `version ${count}`, version: count })

/** One question that the backend was asked. */
interface Read {
  readonly id: string
  answer(client: Client | undefined): void
  fail(error: Error): void
}

/** A backend that answers when it is told to. */
function createBackend() {
  const reads: Read[] = []
  const find = (id: string): Promise<Client | undefined> =>
    new Promise((resolve, reject) => reads.push({ id, answer: resolve, fail: reject }))
  return { clients: { find }, reads }
}

/** A channel that tells what it is told to. */
function createChannel() {
  let tell: (id: string) => void = () => undefined
  let left = 0
  const changes: ClientChanges = {
    async subscribe(onChange) {
      tell = onChange
      return async () => void left++
    },
  }
  return { changes, tell: (id: string) => tell(id), left: () => left }
}

/** Lets everything happen that waits for nothing else. */
const settled = async (): Promise<void> => {
  await vi.advanceTimersByTimeAsync(0)
}

const caches: CachedClients[] = []

async function setUp(options: Partial<CachedClientsOptions> = {}) {
  const backend = createBackend()
  const channel = createChannel()
  const cache = createCachedClients({ clients: backend.clients, changes: channel.changes, ...options })
  caches.push(cache)
  await settled()
  /** Answers the next question. */
  const answer = async (client: Client | undefined): Promise<void> => {
    backend.reads.shift()?.answer(client)
    await settled()
  }
  /** Asks for a client, and has it answered if the backend is asked. */
  const found = async (id: string, client: Client | undefined): Promise<Client | undefined> => {
    const asked = cache.find(id)
    await answer(client)
    return asked
  }
  return { cache, ...backend, ...channel, answer, found }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(async () => {
  await Promise.all(caches.splice(0).map((cache) => cache.close()))
  vi.useRealTimers()
})

describe('cached clients', () => {
  it('are found without asking again', async () => {
    const { cache, reads, found } = await setUp()
    const first = await found('a', version('a', 1))
    expect(await cache.find('a')).toBe(first)
    expect(first).toEqual(version('a', 1))
    expect(reads).toEqual([])
  })

  it('cost one look-up, however many ask at once', async () => {
    const { cache, reads, answer } = await setUp()
    const asked = Array.from({ length: 50 }, () => cache.find('a'))
    expect(reads).toHaveLength(1)
    await answer(version('a', 1))
    expect(new Set(await Promise.all(asked)).size).toBe(1)
  })

  it('are looked up each for itself', async () => {
    const { cache, reads } = await setUp()
    const asked = [cache.find('a'), cache.find('b')]
    for (const { id, answer } of reads) answer(version(id, 1))
    expect(await Promise.all(asked)).toEqual([version('a', 1), version('b', 1)])
  })

  it('cannot be changed by those who were given them, or by the backend afterwards', async () => {
    const { cache, found } = await setUp()
    const own = structuredClone(version('a', 1)) as { name: string }
    const first = await found('a', own as unknown as Client)
    own.name = 'changed'
    expect(() => Object.assign(first as object, { name: 'changed' })).toThrow(TypeError)
    expect(() => Object.assign(first?.grantTypes ?? {}, { 0: 'changed' })).toThrow(TypeError)
    expect(await cache.find('a')).toEqual(version('a', 1))
  })

  it('are looked up again when they are told to have changed', async () => {
    const { tell, found, reads } = await setUp()
    await found('a', version('a', 1))
    await found('b', version('b', 1))
    tell('a')
    expect(await found('a', version('a', 2))).toEqual(version('a', 2))
    expect(await found('b', undefined)).toEqual(version('b', 1))
    expect(reads).toEqual([])
  })

  it('are all forgotten when changes may have been missed', async () => {
    const { tell, found } = await setUp()
    await found('a', version('a', 1))
    await found('b', undefined)
    tell('all')
    expect(await found('a', undefined)).toBeUndefined()
    expect(await found('b', version('b', 1))).toEqual(version('b', 1))
  })

  it.each(['a', 'all'])('are looked up again for those who asked before a change of %s was told', async (told) => {
    const { cache, tell, reads, answer } = await setUp()
    const before = cache.find('a')
    tell(told)
    await answer(version('a', 1))
    expect(reads).toHaveLength(1)
    await answer(version('a', 2))
    expect(await before).toEqual(version('a', 2))
    expect(await cache.find('a')).toEqual(version('a', 2))
  })

  it('are looked up once by those who asked before a change was told and after', async () => {
    const { cache, tell, reads } = await setUp()
    const before = [cache.find('a'), cache.find('a')]
    tell('a')
    const after = [cache.find('a'), cache.find('a')]
    expect(reads).toHaveLength(2)
    reads[1]?.answer(version('a', 2))
    await settled()
    expect(await Promise.all(after)).toEqual([version('a', 2), version('a', 2)])
    // What comes late changes nothing.
    reads[0]?.answer(version('a', 1))
    expect(await Promise.all(before)).toEqual([version('a', 2), version('a', 2)])
    expect(await cache.find('a')).toEqual(version('a', 2))
    expect(reads).toHaveLength(2)
  })

  it('are not kept from a look-up that ended after a later one began', async () => {
    const { cache, tell, reads } = await setUp()
    const first = cache.find('a')
    tell('a')
    const second = cache.find('a')
    reads[0]?.answer(version('a', 1))
    await settled()
    reads[1]?.answer(undefined)
    expect(await Promise.all([first, second])).toEqual([undefined, undefined])
    expect(await cache.find('a')).toBeUndefined()
  })

  it('are looked up again after a failure, which everybody who waited is told', async () => {
    const { cache, reads, found } = await setUp()
    const asked = Promise.allSettled([cache.find('a'), cache.find('a')])
    reads.shift()?.fail(new Error('away'))
    expect((await asked).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await found('a', version('a', 1))).toEqual(version('a', 1))
  })

  it('are looked up again after a backend that throws at once, and after a broken record', async () => {
    let answers = 0
    const broken = { ...version('a', 1), scopes: 'read' } as unknown as Client
    const { cache } = await setUp({
      clients: {
        find() {
          answers += 1
          if (answers === 1) throw new Error('away')
          return Promise.resolve(answers === 2 ? broken : version('a', 1))
        },
      },
    })
    await expect(cache.find('a')).rejects.toThrow('away')
    await expect(cache.find('a')).rejects.toThrow('its scopes is broken')
    expect(await cache.find('a')).toEqual(version('a', 1))
  })

  it('fail for those who asked before a change was told, when the look-up of before fails', async () => {
    const { cache, tell, reads, found } = await setUp()
    const before = cache.find('a').catch((error: unknown) => (error as Error).message)
    tell('a')
    reads.shift()?.fail(new Error('away'))
    expect(await before).toBe('away')
    expect(await found('a', version('a', 2))).toEqual(version('a', 2))
  })

  it('are believed for five seconds while changes are told, counted from the question', async () => {
    const { cache, reads, answer, found } = await setUp()
    const asked = cache.find('a')
    await vi.advanceTimersByTimeAsync(900)
    await answer(version('a', 1))
    await asked
    await vi.advanceTimersByTimeAsync(4099)
    expect(await cache.find('a')).toEqual(version('a', 1))
    expect(reads).toHaveLength(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(await found('a', version('a', 2))).toEqual(version('a', 2))
  })

  it('are believed for one second where changes are not told', async () => {
    const { cache, found } = await setUp({ changes: undefined })
    await found('a', version('a', 1))
    await vi.advanceTimersByTimeAsync(999)
    expect(await cache.find('a')).toEqual(version('a', 1))
    await vi.advanceTimersByTimeAsync(1)
    expect(await found('a', version('a', 2))).toEqual(version('a', 2))
  })

  it('are absent for a second at most', async () => {
    const { cache, reads, found } = await setUp({ maxAgeSeconds: 60 })
    await found('a', undefined)
    await vi.advanceTimersByTimeAsync(999)
    expect(await cache.find('a')).toBeUndefined()
    expect(reads).toHaveLength(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(await found('a', version('a', 1))).toEqual(version('a', 1))
    expect(await cache.find('a')).toEqual(version('a', 1))
  })

  it('are no more than they may be, and those who nobody is never take their place', async () => {
    const { cache, reads, found } = await setUp({ capacity: 3 })
    for (const id of ['a', 'b', 'c', 'd']) await found(id, version(id, 1))
    for (let stranger = 0; stranger < 1_001; stranger += 1) await found(`stranger-${stranger}`, undefined)
    for (const id of ['b', 'c', 'd', 'stranger-1']) await cache.find(id)
    expect(reads).toEqual([])
    void cache.find('a')
    void cache.find('stranger-0')
    expect(reads.map(({ id }) => id)).toEqual(['a', 'stranger-0'])
    await answerAll(reads)
  })

  it('are not waited for any longer once a look-up seems to have been lost', async () => {
    const { cache, reads, found } = await setUp()
    const lost = cache.find('a')
    await vi.advanceTimersByTimeAsync(1_000)
    const [silent] = reads.splice(0)
    expect(await found('a', version('a', 2))).toEqual(version('a', 2))
    silent?.answer(version('a', 1))
    expect(await lost).toEqual(version('a', 2))
  })

  it('keep apart a client that is called all and the others', async () => {
    const { cache, reads, found } = await setUp()
    await found('a', version('a', 1))
    await found('all', version('all', 1))
    expect([await cache.find('a'), await cache.find('all')]).toEqual([version('a', 1), version('all', 1)])
    expect(reads).toEqual([])
  })

  it.each([
    ['maxAgeSeconds', 0],
    ['maxAgeWithoutChangesSeconds', Number.NaN],
    ['capacity', Number.POSITIVE_INFINITY],
  ])('need a %s that makes sense', (name, value) => {
    const { clients } = createBackend()
    expect(() => createCachedClients({ clients, [name]: value })).toThrow(`${name} must be a number above 0`)
  })

  it('never answer with what was known to have changed, in whatever order things happen', async () => {
    const step = fc.constantFrom('ask', 'read', 'write', 'tell', 'tell all', 'answer first', 'answer last', 'wait')
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.boolean(), async (steps, isTold) => {
        const history = createHistory()
        const { cache, tell } = await setUp({ clients: history.clients, ...(!isTold && { changes: undefined }) })
        const asked: Promise<void>[] = []
        for (const one of steps) {
          if (one === 'ask') asked.push(history.ask(cache))
          else if (one === 'write') history.write()
          else if (one === 'read') history.read()
          else if (one === 'answer first') history.answer(0)
          else if (one === 'answer last') history.answer(-1)
          else if (one === 'wait') await vi.advanceTimersByTimeAsync(700)
          else {
            history.told()
            if (isTold) tell(one === 'tell' ? 'a' : 'all')
            else cache.forget(one === 'tell' ? 'a' : 'all')
          }
          await settled()
        }
        while (history.answer(0)) await settled()
        await Promise.all(asked)
        await cache.close()
      }),
      { numRuns: 300 },
    )
  })
})

/** Answers whatever is still asked, so that nothing is left behind. */
async function answerAll(reads: Read[]): Promise<void> {
  for (const { answer } of reads.splice(0)) answer(undefined)
  await settled()
}

/** A backend of one client whose reads see the version of a moment between their beginning and their end. */
function createHistory() {
  let written = 1
  let toldOf = 1
  const writtenAt = [0, performance.now()]
  const reads: { seen: number | undefined; resolve(client: Client): void }[] = []
  return {
    clients: {
      find: () => new Promise<Client>((resolve) => reads.push({ seen: undefined, resolve })),
    },
    write() {
      written += 1
      writtenAt[written] = performance.now()
    },
    told() {
      toldOf = written
    },
    /** The backend looks; its answer is still on its way. */
    read() {
      for (const read of reads) read.seen ??= written
    },
    answer(index: number): boolean {
      const [read] = reads.splice(index, 1)
      read?.resolve(version('a', read.seen ?? written))
      return read !== undefined
    },
    /** An answer is never older than what was told before it came, nor than the bound before it was asked for. */
    async ask(cache: CachedClients): Promise<void> {
      const askedAt = performance.now()
      const client = await cache.find('a')
      const overwrittenAt = writtenAt[(client?.version ?? 0) + 1] ?? Number.POSITIVE_INFINITY
      expect(client?.version).toBeGreaterThanOrEqual(toldOf)
      expect(askedAt - overwrittenAt).toBeLessThanOrEqual(5_000)
    },
  }
}

describe('the subscription of cached clients', () => {
  it('forgets what was found before it, and what is being looked up', async () => {
    let begin = (): void => undefined
    const begun = new Promise<void>((resolve) => (begin = resolve))
    const onSubscription = vi.fn<(isTold: boolean, reason: string) => void>()
    const { cache, reads, found, answer } = await setUp({
      onSubscription,
      changes: {
        async subscribe() {
          await begun
          return async () => undefined
        },
      },
    })
    await found('a', version('a', 1))
    const underWay = cache.find('b')
    begin()
    await settled()
    await answer(version('b', 1))
    await answer(version('b', 2))
    expect(await underWay).toEqual(version('b', 2))
    expect(await found('a', version('a', 2))).toEqual(version('a', 2))
    expect(onSubscription.mock.calls).toEqual([[true, '']])
    expect(reads).toEqual([])
  })

  it('is tried again while it fails, and until then clients are believed for one second', async () => {
    const failures = [new Error('away'), new Error('away'), new Error('not allowed')]
    const onSubscription = vi.fn<(isTold: boolean, reason: string) => void>()
    const { cache, found } = await setUp({
      onSubscription,
      changes: {
        async subscribe() {
          const failure = failures.shift()
          if (failure !== undefined) throw failure
          return async () => undefined
        },
      },
    })
    await found('a', version('a', 1))
    await vi.advanceTimersByTimeAsync(1000)
    expect(await found('a', version('a', 2))).toEqual(version('a', 2))
    await vi.advanceTimersByTimeAsync(2000)
    expect(onSubscription.mock.calls).toEqual([
      [false, 'away'],
      [false, 'not allowed'],
      [true, ''],
    ])
    await found('a', version('a', 3))
    await vi.advanceTimersByTimeAsync(4999)
    expect(await cache.find('a')).toEqual(version('a', 3))
  })

  it('ends with the cache, which then remembers nothing', async () => {
    const { cache, left, found } = await setUp()
    await found('a', version('a', 1))
    await cache.close()
    await cache.close()
    expect(left()).toBeGreaterThan(0)
    expect(await found('a', version('a', 2))).toEqual(version('a', 2))
    expect(await found('a', version('a', 3))).toEqual(version('a', 3))
  })

  it('ends as soon as it has begun, when the cache was closed before', async () => {
    const left = vi.fn<() => Promise<void>>(() => Promise.reject(new Error('away')))
    const { cache } = await setUp({
      changes: {
        async subscribe() {
          await new Promise((resolve) => setTimeout(resolve, 100))
          return left
        },
      },
    })
    await cache.close()
    await vi.advanceTimersByTimeAsync(100)
    expect(left).toHaveBeenCalledTimes(1)
  })

  it('is not tried again when the cache is closed', async () => {
    const subscribe = vi.fn<ClientChanges['subscribe']>(() => Promise.reject(new Error('away')))
    const { cache } = await setUp({ changes: { subscribe } })
    await cache.close()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(subscribe).toHaveBeenCalledTimes(1)
  })
})

describe('writes beside cached clients', () => {
  function registryOf(answer: () => Promise<boolean>): ClientRegistry {
    return {
      find: async () => version('a', 9),
      list: async () => ({ clients: [version('a', 9)] }),
      add: answer,
      replace: answer,
      remove: answer,
    }
  }
  const WRITES: readonly (readonly [string, (clients: ClientRegistry) => Promise<boolean>])[] = [
    ['add', (clients) => clients.add(version('a', 2))],
    ['replace', (clients) => clients.replace(version('a', 2), 1)],
    ['remove', (clients) => clients.remove('a')],
  ]

  it.each(WRITES)('are seen at once: %s', async (_, write) => {
    const { cache, found } = await setUp({ changes: undefined })
    await found('a', version('a', 1))
    expect(
      await write(
        forgettingWrites(
          registryOf(async () => true),
          cache,
        ),
      ),
    ).toBe(true)
    expect(await found('a', version('a', 2))).toEqual(version('a', 2))
  })

  it.each(WRITES)('are looked for even if they seem to have failed: %s', async (_, write) => {
    const { cache, found } = await setUp({ changes: undefined })
    await found('a', version('a', 1))
    const failing = registryOf(() => Promise.reject(new Error('no answer')))
    await expect(write(forgettingWrites(failing, cache))).rejects.toThrow('no answer')
    expect(await found('a', version('a', 2))).toEqual(version('a', 2))
  })

  it('read past the cache', async () => {
    const { cache, found } = await setUp({ changes: undefined })
    await found('a', version('a', 1))
    const registry = forgettingWrites(
      registryOf(async () => true),
      cache,
    )
    expect(await registry.find('a')).toEqual(version('a', 9))
    expect(await registry.list({ limit: 1 })).toEqual({ clients: [version('a', 9)] })
  })
})
