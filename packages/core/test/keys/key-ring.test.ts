import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type DomainEvent, type KeyRingOptions, openKeyRing } from '../../src/index.ts'
import { KEY_PAIR_ALGORITHMS, keysInSight, MASTER_KEY, OTHER_MASTER_KEY } from '../signing-keys.ts'
import { NOW, nextTurn } from '../test-server.ts'

const DAY = 86_400

function createNode(options: Partial<KeyRingOptions> = {}) {
  const store = keysInSight()
  const clock = { seconds: NOW, now: () => clock.seconds }
  const events: DomainEvent[] = []
  const open = (more: Partial<KeyRingOptions> = {}) =>
    openKeyRing({
      store,
      clock,
      masterKey: MASTER_KEY,
      onEvent: (event) => events.push(event),
      refreshSeconds: 10,
      publishedForSeconds: 300,
      clockSkewSeconds: 60,
      rotateEverySeconds: 90 * DAY,
      longestTokenSeconds: 30 * DAY,
      ...options,
      ...more,
    }).then((ring) => {
      onTestFinished(() => ring.close())
      return ring
    })
  return { store, clock, events, open }
}

const told = async (events: readonly DomainEvent[]): Promise<readonly string[]> => {
  await nextTurn()
  return events.map(({ type }) => type)
}

describe('a key ring', () => {
  it.each(KEY_PAIR_ALGORITHMS)('makes a first key for %s, which signs at once, and tells of it', async (alg) => {
    const { open, store, events } = createNode()
    const ring = await open({ alg })
    const key = ring.signingKey(NOW)
    expect(key).toMatchObject({ alg, kid: expect.stringMatching(/^[\w-]{43}$/) as unknown })
    expect(ring.publishedKeys()).toMatchObject([{ kid: key.kid, alg }])
    expect(ring.list()).toMatchObject([{ kid: key.kid, alg, state: 'signing', signsFrom: NOW, createdAt: NOW }])
    expect(store.set.generation).toBe(1)
    await nextTurn()
    expect(events).toEqual([
      { type: 'signing_key_added', at: NOW, requestId: 'none', kid: key.kid, alg, signsFrom: NOW },
    ])
  })

  it('makes no key whose kid begins with a dash, which a command line would take for an option', async () => {
    // One key in 64 would: among 500 there would be none once in 2600 runs.
    const kids = await Promise.all(
      Array.from({ length: 500 }, async () => (await createNode().open({ alg: 'Ed25519' })).signingKey(NOW).kid),
    )
    expect(kids.filter((kid) => kid.startsWith('-'))).toEqual([])
  })

  it('finds the keys again after a restart', async () => {
    const { open, store } = createNode()
    const before = await open()
    const after = await open()
    expect(after.signingKey(NOW).kid).toBe(before.signingKey(NOW).kid)
    expect(store.set.generation).toBe(1)
  })

  it('is one for nodes that start together: they make one key', async () => {
    const { open, store } = createNode()
    const rings = await Promise.all(Array.from({ length: 5 }, () => open()))
    expect(store.set.keys).toHaveLength(1)
    expect(new Set(rings.map((ring) => ring.signingKey(NOW).kid)).size).toBe(1)
  })

  it('is one for nodes that rotate together', async () => {
    const { open, store, clock } = createNode()
    const rings = await Promise.all(Array.from({ length: 5 }, () => open()))
    clock.seconds = NOW + 90 * DAY - 370
    await Promise.all(rings.map((ring) => ring.refresh()))
    expect(store.set.keys).toHaveLength(2)
    for (const ring of rings) expect(ring.publishedKeys()).toHaveLength(2)
  })

  it('announces a key, signs with it when its time has come, and removes the one before when its tokens are gone', async () => {
    const { open, clock, events } = createNode()
    const ring = await open()
    const first = ring.signingKey(NOW).kid

    clock.seconds = NOW + 90 * DAY - 371
    await ring.refresh()
    expect(ring.list().map(({ state }) => state)).toEqual(['signing'])

    clock.seconds += 1
    await ring.refresh()
    expect(ring.list().map(({ state }) => state)).toEqual(['signing', 'announced'])
    expect(ring.signingKey(clock.seconds).kid).toBe(first)

    clock.seconds = NOW + 90 * DAY
    const second = ring.signingKey(clock.seconds).kid
    expect(second).not.toBe(first)
    expect(ring.list().map(({ state }) => state)).toEqual(['retired', 'signing'])

    clock.seconds = NOW + 120 * DAY + 70
    await ring.refresh()
    expect(ring.list()).toHaveLength(2)
    clock.seconds += 1
    await ring.refresh()
    expect(ring.publishedKeys().map(({ kid }) => kid)).toEqual([second])
    expect(await told(events)).toEqual(['signing_key_added', 'signing_key_added', 'signing_key_removed'])
  })

  it('hands out the same list, and the same key, until there is another', async () => {
    const { open } = createNode()
    const ring = await open()
    const [published, key] = [ring.publishedKeys(), ring.signingKey(NOW)]
    await ring.refresh()
    expect(ring.publishedKeys()).toBe(published)
    expect(ring.signingKey(NOW)).toBe(key)
    await ring.rotate()
    expect(ring.publishedKeys()).not.toBe(published)
    expect(ring.signingKey(NOW)).toBe(key)
  })

  it('announces a key of another algorithm when it is opened for one, and never at a refresh', async () => {
    const { open, clock, store } = createNode()
    const former = await open({ alg: 'ES256' })
    const ring = await open({ alg: 'EdDSA' })
    expect(ring.list().map(({ alg, state }) => `${alg} ${state}`)).toEqual(['ES256 signing', 'EdDSA announced'])
    clock.seconds += 370
    expect(ring.signingKey(clock.seconds).alg).toBe('EdDSA')
    const unaware = await open()
    expect((await unaware.rotate()).alg).toBe('EdDSA')
    await unaware.retireNow(unaware.list().at(-1)?.kid ?? '')
    await former.refresh()
    expect(store.set.keys).toHaveLength(2)
  })

  it('makes a key for each algorithm that is asked for, and rotates each', async () => {
    const { open, store, clock } = createNode({ alg: ['ES256', 'RS256', 'EdDSA'] })
    const rings = await Promise.all(Array.from({ length: 3 }, () => open()))
    expect(store.set.keys).toHaveLength(3)
    const [ring] = rings
    if (ring === undefined) throw new Error('there are three')
    expect(ring.algorithms()).toEqual(['ES256', 'RS256', 'EdDSA'])
    const kids = (now: number) => ring.algorithms().map((alg) => ring.signingKey(now, alg).kid)
    const first = kids(NOW)
    expect(ring.signingKey(NOW).kid).toBe(first[0])
    expect(ring.list().map(({ state }) => state)).toEqual(['signing', 'signing', 'signing'])
    expect(() => ring.signingKey(NOW, 'PS256')).toThrow('there is no key of PS256 to sign with yet')

    clock.seconds = NOW + 90 * DAY - 370
    await Promise.all(rings.map((other) => other.refresh()))
    expect(store.set.keys).toHaveLength(6)
    expect(kids(clock.seconds)).toEqual(first)
    clock.seconds = NOW + 90 * DAY
    for (const kid of kids(clock.seconds)) expect(first).not.toContain(kid)
    clock.seconds = NOW + 120 * DAY + 71
    await ring.refresh()
    expect(ring.publishedKeys().map(({ kid }) => kid)).toEqual(expect.arrayContaining(kids(clock.seconds)))
    expect(ring.publishedKeys()).toHaveLength(3)
  })

  it('announces the first key of an algorithm that is added, and signs by it once no cache can be without it', async () => {
    const { open, clock } = createNode()
    await open()
    clock.seconds += DAY
    const ring = await open({ alg: ['ES256', 'RS256'] })
    expect(ring.list().map(({ alg, state }) => `${alg} ${state}`)).toEqual(['ES256 signing', 'RS256 announced'])
    expect(() => ring.signingKey(clock.seconds, 'RS256')).toThrow('there is no key of RS256 to sign with yet')
    clock.seconds += 370
    expect(ring.signingKey(clock.seconds, 'RS256').alg).toBe('RS256')
    expect(ring.signingKey(clock.seconds).alg).toBe('ES256')
    // A node that is not told of the algorithm any more goes on with the server's own.
    expect((await open({ alg: 'ES256' })).signingKey(clock.seconds).alg).toBe('ES256')
  })

  it('rotates and retires a key of one algorithm without touching those of another', async () => {
    const { open, clock } = createNode({ alg: ['ES256', 'RS256'] })
    const ring = await open()
    const own = ring.signingKey(NOW).kid
    expect(await ring.rotate('RS256')).toMatchObject({ alg: 'RS256', state: 'announced', signsFrom: NOW + 370 })
    expect(ring.list()).toHaveLength(3)
    await expect(ring.rotate('EdDSA')).rejects.toThrow('alg must be one of those in use: ES256, RS256')
    clock.seconds += 1000
    const compromised = ring.signingKey(clock.seconds, 'RS256').kid
    await ring.retireNow(compromised)
    clock.seconds += 1
    expect(ring.signingKey(clock.seconds, 'RS256')).toMatchObject({ alg: 'RS256' })
    expect(ring.signingKey(clock.seconds, 'RS256').kid).not.toBe(compromised)
    expect(ring.signingKey(clock.seconds).kid).toBe(own)
  })

  it('goes on with the keys that it knows while the store is away, at rotation time too, and says so', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const { open, store, clock, events } = createNode()
    const ring = await open()
    const { kid } = ring.signingKey(NOW)
    clock.seconds = NOW + 91 * DAY
    store.fault = new Error('connection refused')
    await vi.advanceTimersByTimeAsync(10_000)
    await nextTurn()
    expect(ring.signingKey(clock.seconds).kid).toBe(kid)
    expect(events.at(-1)).toEqual({
      type: 'signing_keys_stale',
      at: clock.seconds,
      requestId: 'none',
      reason: 'SigningKeyStore.list failed: connection refused',
    })
    store.fault = undefined
    await vi.advanceTimersByTimeAsync(10_000)
    await vi.waitFor(() => expect(ring.list().map(({ state }) => state)).toEqual(['signing', 'announced']))
  })

  it('is not opened while the store is away', async () => {
    const { open, store } = createNode()
    store.fault = new Error('connection refused')
    await expect(open()).rejects.toMatchObject({ code: 'temporarily_unavailable' })
  })
})

describe('a key ring that reads what somebody has changed', () => {
  it('neither publishes nor uses that key, and tells of it once', async () => {
    const { open, store, events } = createNode()
    await open()
    const ring = await open()
    await ring.rotate()
    const [first, second] = store.set.keys
    if (first === undefined || second === undefined) throw new Error('there are two keys')
    store.set = { generation: 9, keys: [first, { ...second, signsFrom: NOW }] }
    await ring.refresh()
    await ring.refresh()
    expect(ring.publishedKeys().map(({ kid }) => kid)).toEqual([first.kid])
    expect(ring.signingKey(NOW).kid).toBe(first.kid)
    await nextTurn()
    expect(events.filter(({ type }) => type === 'signing_key_refused')).toEqual([
      {
        type: 'signing_key_refused',
        at: NOW,
        requestId: 'none',
        kid: second.kid,
        reason: 'it is not as it was when it was sealed',
      },
    ])
  })

  it.each([
    ['a key without a kid', { generation: 1, keys: [{ sealed: 'x' }] }],
    ['no list of keys', { generation: 1 }],
    ['no generation', { keys: [] }],
    ['a generation of text', { generation: '1', keys: [] }],
    ['nothing', undefined],
  ])('takes %s for a failure of the store', async (_what, set) => {
    const { open, store } = createNode()
    store.set = set as typeof store.set
    await expect(open()).rejects.toMatchObject({ code: 'temporarily_unavailable' })
  })

  it('refuses a key whose members are of other types', async () => {
    const { open, store, events } = createNode()
    await open()
    const [key] = store.set.keys
    store.set = { generation: 2, keys: [...store.set.keys, { kid: 'odd', publicKey: null } as never] }
    const ring = await open()
    expect(ring.publishedKeys().map(({ kid }) => kid)).toEqual([key?.kid])
    expect(await told(events)).toEqual(['signing_key_added', 'signing_key_refused'])
  })

  it('is not opened with another master key, and makes no key of its own then', async () => {
    const { open, store } = createNode()
    await open()
    await expect(open({ masterKey: OTHER_MASTER_KEY })).rejects.toThrow(
      'none of the 1 signing keys can be used: is it the right master key?',
    )
    expect(store.set.keys).toHaveLength(1)
  })

  it('reads keys of the master key before, and seals new ones with the present one', async () => {
    const { open } = createNode()
    const before = await open()
    const ring = await open({ masterKey: OTHER_MASTER_KEY, previousMasterKey: MASTER_KEY })
    expect(ring.signingKey(NOW).kid).toBe(before.signingKey(NOW).kid)
    await ring.rotate()
    const [old, fresh] = ring.list().map(({ sealedWith }) => sealedWith)
    expect(old).toBe(before.list()[0]?.sealedWith)
    expect(fresh).not.toBe(old)
  })

  it('keeps what it has when at last none of the stored keys can be used', async () => {
    const { open, store } = createNode()
    const ring = await open()
    const { kid } = ring.signingKey(NOW)
    store.set = { generation: 5, keys: store.set.keys.map((key) => ({ ...key, createdAt: 0 })) }
    await expect(ring.refresh()).rejects.toThrow('none of the 1 signing keys can be used')
    expect(ring.signingKey(NOW).kid).toBe(kid)
    expect(store.set.keys).toHaveLength(1)
  })
})

describe('rotating by hand', () => {
  it('announces the next key now, once', async () => {
    const { open } = createNode()
    const ring = await open()
    const next = await ring.rotate()
    expect(next).toMatchObject({ state: 'announced', signsFrom: NOW + 370 })
    expect(await ring.rotate()).toEqual(next)
    expect(ring.list()).toHaveLength(2)
  })

  it('fails while the store is away', async () => {
    const { open, store } = createNode()
    const ring = await open()
    store.fault = new Error('away')
    await expect(ring.rotate()).rejects.toMatchObject({ code: 'temporarily_unavailable' })
  })
})

describe('retiring a key at once', () => {
  it('puts another in the place of the one that signs, even within its first second', async () => {
    const { open, clock } = createNode()
    const ring = await open()
    const compromised = ring.signingKey(NOW).kid
    expect(await ring.retireNow(compromised)).toBe(true)
    expect(ring.publishedKeys().map(({ kid }) => kid)).not.toContain(compromised)
    clock.seconds += 1
    expect(ring.signingKey(clock.seconds).kid).not.toBe(compromised)
    expect(ring.list()).toHaveLength(1)
  })

  it('never lets a key sign again that had retired', async () => {
    const { open, clock } = createNode()
    const ring = await open()
    const retired = ring.signingKey(NOW).kid
    const { kid: compromised } = await ring.rotate()
    clock.seconds = NOW + 1000
    expect(ring.signingKey(clock.seconds).kid).toBe(compromised)
    await ring.retireNow(compromised)
    expect(ring.list().map(({ state }) => state)).toEqual(['retired', 'signing'])
    expect(ring.signingKey(clock.seconds).kid).not.toBe(retired)
  })

  it('removes one that is announced or retired, and nothing else', async () => {
    const { open } = createNode()
    const ring = await open()
    const { kid } = ring.signingKey(NOW)
    const announced = await ring.rotate()
    expect(await ring.retireNow(announced.kid)).toBe(true)
    expect(ring.list().map((key) => key.kid)).toEqual([kid])
  })

  it('removes one that cannot be used', async () => {
    const { open, store } = createNode()
    const ring = await open()
    const [key] = store.set.keys
    store.set = { generation: 5, keys: [...store.set.keys, { ...key, kid: 'forged' } as never] }
    expect(await ring.retireNow('forged')).toBe(true)
    expect(store.set.keys).toHaveLength(1)
  })

  it('says that there is no such key', async () => {
    expect(await (await createNode().open()).retireNow('unknown')).toBe(false)
  })
})
