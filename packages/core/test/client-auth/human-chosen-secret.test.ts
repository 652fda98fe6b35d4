import { beforeEach, describe, expect, it } from 'vitest'
import { fakeHashOf, loadWithCountedCrypto } from '../counted-crypto.ts'

const { work, derivations, reset, core, createHumanChosenSecrets } = await loadWithCountedCrypto()
const { defineClient, OAuthError } = core

const NOW = 1_800_000_000
const credential = { kind: 'secret', id: 'chosen', hash: fakeHashOf('right') } as const
const clientWith = (...credentials: object[]) =>
  defineClient({ id: 'reports', credentials: credentials as [typeof credential] })
const client = clientWith(credential)

type Secrets = ReturnType<typeof createHumanChosenSecrets>
const find = (
  secrets: Secrets,
  clientSecret: string,
  { clientId = 'reports', against = client, now = NOW, mayPass = true }: FindOptions = {},
) => secrets.find({ clientId, clientSecret }, { client: against ?? undefined, now, mayPass })
interface FindOptions {
  readonly clientId?: string
  readonly against?: typeof client | null
  readonly now?: number
  readonly mayPass?: boolean
}

/** Derivations that end when the test says so. */
function underControl() {
  const started: { readonly secret: string; end: (matches: boolean) => void; fail: (error: Error) => void }[] = []
  derivations.answer = (secret) =>
    new Promise((end, fail) => {
      started.push({ secret, end, fail })
    })
  return started
}
const settled = () => new Promise((resolve) => setImmediate(resolve))

beforeEach(reset)

describe('a secret that a person chose', () => {
  it('finds its credential, and no other secret does', async () => {
    const secrets = createHumanChosenSecrets()
    expect(await find(secrets, 'right')).toEqual(credential)
    expect(await find(secrets, 'wrong')).toBeUndefined()
    expect(await find(secrets, 'right', { against: null })).toBeUndefined()
    expect(await find(secrets, 'right', { against: clientWith() })).toBeUndefined()
  })

  it('finds a credential that is dead as well, so that the operator reads why', async () => {
    const dead = { ...credential, expiresAt: NOW }
    expect(await find(createHumanChosenSecrets(), 'right', { against: clientWith(dead) })).toEqual(dead)
  })

  it('is looked for in the credential that is live, wherever it stands', async () => {
    const old = { ...credential, id: 'old', hash: fakeHashOf('old'), expiresAt: NOW }
    const next = { ...credential, id: 'next', hash: fakeHashOf('next'), notBefore: NOW + 10 }
    const live = { ...credential, expiresAt: NOW + 10, notBefore: NOW }
    const against = clientWith(next, live, old)
    expect(await find(createHumanChosenSecrets(), 'right', { against })).toEqual(live)
    expect(work.derived).toEqual(['right'])
  })
})

describe('what is remembered of a success', () => {
  it('saves the derivation for sixty seconds', async () => {
    const secrets = createHumanChosenSecrets()
    for (const now of [NOW, NOW + 1, NOW + 59]) expect(await find(secrets, 'right', { now })).toEqual(credential)
    expect(work.derived).toHaveLength(1)
    await find(secrets, 'right', { now: NOW + 60 })
    expect(work.derived).toHaveLength(2)
  })

  it('is not prolonged by being used', async () => {
    const secrets = createHumanChosenSecrets()
    for (const now of [NOW, NOW + 40, NOW + 80]) await find(secrets, 'right', { now })
    expect(work.derived).toHaveLength(2)
  })

  it('says nothing of another secret, nor of a hash that was replaced, nor of a credential that was removed', async () => {
    const secrets = createHumanChosenSecrets()
    await find(secrets, 'right')
    expect(await find(secrets, 'wrong')).toBeUndefined()
    expect(
      await find(secrets, 'right', { against: clientWith({ ...credential, hash: fakeHashOf('new') }) }),
    ).toBeUndefined()
    expect(await find(secrets, 'right', { against: clientWith() })).toBeUndefined()
    expect(await find(secrets, 'right', { against: null })).toBeUndefined()
    expect(work.derived).toHaveLength(5)
  })

  it('names the credential as it is now, not as it was', async () => {
    const secrets = createHumanChosenSecrets()
    await find(secrets, 'right')
    const relabelled = { ...credential, label: 'old', expiresAt: NOW + 5 }
    expect(await find(secrets, 'right', { against: clientWith(relabelled) })).toEqual(relabelled)
    expect(work.derived).toHaveLength(1)
  })

  it('is not used, and not made, where the request will not pass: its speed would confirm the secret', async () => {
    const secrets = createHumanChosenSecrets()
    await find(secrets, 'right', { mayPass: false })
    await find(secrets, 'right')
    await find(secrets, 'right', { mayPass: false })
    await find(secrets, 'right', { against: clientWith({ ...credential, expiresAt: NOW }) })
    expect(work.derived).toHaveLength(4)
  })

  it('is not made of a failure', async () => {
    const secrets = createHumanChosenSecrets()
    for (let attempt = 0; attempt < 3; attempt += 1) await find(secrets, 'wrong')
    expect(work.derived).toHaveLength(3)
  })

  it('is known to one server alone', async () => {
    await find(createHumanChosenSecrets(), 'right')
    await find(createHumanChosenSecrets(), 'right')
    expect(work.derived).toHaveLength(2)
  })

  it('outlives a clock that is set back, and never what it was a success of', async () => {
    const secrets = createHumanChosenSecrets()
    await find(secrets, 'right')
    expect(await find(secrets, 'right', { now: NOW - 3600 })).toEqual(credential)
    expect(await find(secrets, 'wrong', { now: NOW - 3600 })).toBeUndefined()
  })
})

describe('attempts at the same time', () => {
  it('share one derivation when they present the same', async () => {
    const started = underControl()
    const secrets = createHumanChosenSecrets()
    const all = Array.from({ length: 100 }, () => find(secrets, 'right'))
    await settled()
    expect(started).toHaveLength(1)
    started[0]?.end(true)
    expect(await Promise.all(all)).toEqual(Array(100).fill(credential))
  })

  it('share the failure of their derivation, and begin anew afterwards', async () => {
    const started = underControl()
    const secrets = createHumanChosenSecrets()
    const both = Promise.allSettled([find(secrets, 'right'), find(secrets, 'right')])
    await settled()
    started[0]?.fail(new RangeError('a stored hash cannot be read'))
    expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    derivations.answer = async () => true
    expect(await find(secrets, 'right')).toEqual(credential)
  })

  it.each([
    ['another secret', { clientSecret: 'other' }],
    ['another id that nobody holds', { clientId: 'nobody', against: null }],
  ] as const)(
    'share nothing with one that presents %s',
    async (_, { clientSecret = 'right', ...options }: FindOptions & { readonly clientSecret?: string }) => {
      const started = underControl()
      const secrets = createHumanChosenSecrets()
      void find(secrets, 'right')
      void find(secrets, clientSecret, options)
      await settled()
      expect(started).toHaveLength(2)
    },
  )

  it('take the same places in the queue whether their clients exist or not', async () => {
    // With a full queue, an attempt that shares passes and one that does not is refused: that must not tell who exists.
    const outcomes = async (against: typeof client | null) => {
      underControl()
      const secrets = createHumanChosenSecrets()
      const fillers = Array.from({ length: 65 }, (_, n) => find(secrets, `filler ${n}`, { clientId: `filler-${n}` }))
      // Nobody waits for these: they are told to come again once they have waited for too long.
      for (const filler of fillers) filler.catch(() => undefined)
      find(secrets, 'guess', { clientId: 'nobody', against: null }).catch(() => undefined)
      const probe = find(secrets, 'guess', { clientId: 'probed', against }).catch((error: unknown) => error)
      await settled()
      return { fillers: fillers.length, refused: await Promise.race([probe, settled().then(() => 'waits')]) }
    }
    for (const against of [null, client, clientWith()])
      expect((await outcomes(against)).refused).toBeInstanceOf(OAuthError)
  })
})

describe('a flood of attempts', () => {
  it('runs two derivations at once, lets 64 wait, and refuses the next one at once', async () => {
    const started = underControl()
    const secrets = createHumanChosenSecrets()
    const flood = Array.from({ length: 66 }, (_, n) => find(secrets, `guess ${n}`))
    await settled()
    expect(started.map(({ secret }) => secret)).toEqual(['guess 0', 'guess 1'])

    await expect(find(secrets, 'guess 66')).rejects.toMatchObject({
      code: 'temporarily_unavailable',
      status: 503,
      retryAfterSeconds: 1,
    })
    for (let done = 0; done < 66; done += 1) {
      started[done]?.end(false)
      await settled()
    }
    expect(started.map(({ secret }) => secret)).toEqual(Array.from({ length: 66 }, (_, n) => `guess ${n}`))
    expect(await Promise.all(flood)).toEqual(Array(66).fill(undefined))
  })

  it('keeps nobody out whose success is remembered', async () => {
    const secrets = createHumanChosenSecrets()
    await find(secrets, 'right')
    underControl()
    for (let n = 0; n < 66; n += 1) find(secrets, `guess ${n}`).catch(() => undefined)
    expect(await find(secrets, 'right')).toEqual(credential)
  })
})
