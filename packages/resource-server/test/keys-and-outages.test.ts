import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type Answer,
  claimsOf,
  type IssuerKey,
  json,
  makeKey,
  PATHS,
  sign,
  startIssuer,
  status,
  type TestIssuer,
  verifierOf,
} from './test-issuer.ts'

const UNKNOWN = { code: 'temporarily_unavailable', status: 503 }
const ACTIVE = { ok: true }
const REFUSED = { ok: false, error: 'invalid_token' }

let issuer: TestIssuer
let first: IssuerKey
let second: IssuerKey
beforeEach(async () => {
  first = await makeKey('ES256', 'first')
  second = await makeKey('ES256', 'second')
  issuer = await startIssuer(first)
})
afterEach(() => issuer.close())

const asked = (path: string): number => issuer.asked.filter((one) => one === path).length
const tokenOf = (key: IssuerKey): Promise<string> => sign(key, claimsOf(issuer.issuer, { exp: 1_900_000_000 }))
const away = (): void => {
  issuer.answers.set(PATHS.metadata, status(503))
  issuer.answers.set(PATHS.jwks, status(503))
}

describe('the issuer’s keys', () => {
  it('are asked for when the first token comes, once for all who wait, and not again while they are fresh', async () => {
    const { verify } = verifierOf(issuer)
    expect(issuer.asked).toEqual([])
    const token = await tokenOf(first)
    const verdicts = await Promise.all(Array.from({ length: 20 }, () => verify(token)))
    expect(verdicts.filter(({ ok }) => ok)).toHaveLength(20)
    await verify(token)
    expect(issuer.asked).toEqual([PATHS.metadata, PATHS.jwks])
  })

  it('may rotate without a restart: a key that is not known yet is looked for', async () => {
    const { verify, clock } = verifierOf(issuer)
    expect(await verify(await tokenOf(first))).toMatchObject(ACTIVE)
    issuer.keys.push(second)
    clock.seconds += 11
    expect(await verify(await tokenOf(second))).toMatchObject(ACTIVE)
    expect(await verify(await tokenOf(first))).toMatchObject(ACTIVE)
    expect(asked(PATHS.jwks)).toBe(2)
  })

  it('are looked for once in ten seconds, however many unknown ids are sent', async () => {
    const { verify, clock } = verifierOf(issuer)
    await verify(await tokenOf(first))
    const strangers = await Promise.all(
      Array.from({ length: 30 }, (_, index) => sign({ ...first, kid: `${index}` }, claimsOf(issuer.issuer))),
    )
    for (const token of strangers) expect(await verify(token)).toEqual(REFUSED)
    expect(asked(PATHS.jwks)).toBe(1)
    clock.seconds += 10
    await Promise.all(strangers.map(verify))
    for (const token of strangers) expect(await verify(token)).toEqual(REFUSED)
    expect(asked(PATHS.jwks)).toBe(2)
  })

  it('are asked for again when they are no longer fresh, so that a key which is gone is trusted no more', async () => {
    const { verify, clock } = verifierOf(issuer)
    const token = await tokenOf(first)
    expect(await verify(token)).toMatchObject(ACTIVE)
    issuer.keys.splice(0, 1, second)
    clock.seconds += 299
    expect(await verify(token)).toMatchObject(ACTIVE)
    clock.seconds += 1
    expect(await verify(token)).toEqual(REFUSED)
  })

  it.each([
    ['max-age=20', {}, 20],
    ['public, max-age=20', { age: '5' }, 15],
    ['max-age=86400', {}, 600],
    ['no-store', {}, 1],
    ['max-age=0', {}, 1],
    ['public', {}, 300],
  ])('stay fresh as the issuer says, within bounds: %s %j', async (control, more: Record<string, string>, seconds) => {
    issuer.answers.set(PATHS.jwks, json({ keys: [first.jwk] }, { 'cache-control': control, ...more }))
    const { verify, clock } = verifierOf(issuer)
    const token = await tokenOf(first)
    await verify(token)
    clock.seconds += seconds - 1
    await verify(token)
    expect(asked(PATHS.jwks)).toBe(1)
    clock.seconds += 1
    await verify(token)
    expect(asked(PATHS.jwks)).toBe(2)
  })

  it('are asked for again when the clock was set back', async () => {
    const { verify, clock } = verifierOf(issuer)
    const unknown = await sign({ ...first, kid: 'unknown' }, claimsOf(issuer.issuer))
    await verify(unknown)
    clock.seconds -= 100_000
    issuer.keys.push({ ...second, jwk: { ...second.jwk } })
    await verify(await tokenOf(second))
    expect(asked(PATHS.jwks)).toBe(2)
  })
})

describe('an issuer that is away', () => {
  it('makes an API answer that nobody knows, and tells its operator', async () => {
    away()
    const { verify, events } = verifierOf(issuer)
    await expect(verify(await tokenOf(first))).rejects.toMatchObject(UNKNOWN)
    expect(events).toMatchObject([{ type: 'issuer_unavailable', reason: 'metadata: the answer was 503, and not 200' }])
  })

  it('is not asked more than once in five seconds, and is found when it is back', async () => {
    const answers = new Map(issuer.answers)
    away()
    const { verify, clock } = verifierOf(issuer)
    const token = await tokenOf(first)
    for (let times = 0; times < 10; times += 1) await expect(verify(token)).rejects.toMatchObject(UNKNOWN)
    expect(issuer.asked).toEqual([PATHS.metadata])
    for (const [path, answer] of answers) issuer.answers.set(path, answer)
    clock.seconds += 5
    expect(await verify(token)).toMatchObject(ACTIVE)
  })

  it('does no harm to known keys, for ten minutes and no longer', async () => {
    const { verify, clock } = verifierOf(issuer)
    const token = await tokenOf(first)
    await verify(token)
    away()
    clock.seconds += 300
    for (let passed = 0; passed < 600; passed += 60) {
      expect(await verify(token)).toMatchObject(ACTIVE)
      clock.seconds += 60
    }
    await expect(verify(token)).rejects.toMatchObject(UNKNOWN)
  })

  it('makes an unknown key one of which nobody knows', async () => {
    const { verify, clock } = verifierOf(issuer)
    await verify(await tokenOf(first))
    away()
    clock.seconds += 11
    await expect(verify(await tokenOf(second))).rejects.toMatchObject(UNKNOWN)
    await expect(verify(await tokenOf(second))).rejects.toMatchObject(UNKNOWN)
    expect(await verify(await tokenOf(first))).toMatchObject(ACTIVE)
  })

  it('is noticed by a known key’s bearer once, and then in the background', async () => {
    const { verify, clock, reasons } = verifierOf(issuer)
    const token = await tokenOf(first)
    await verify(token)
    let release = (): void => undefined
    const silence = new Promise<void>((resolve) => {
      release = resolve
    })
    away()
    clock.seconds += 300
    await verify(token)
    expect(reasons()).toEqual([expect.stringMatching(/^metadata: /), expect.stringMatching(/^keys: /)])
    for (const path of [PATHS.metadata, PATHS.jwks])
      issuer.answers.set(path, async (_, response) => {
        await silence
        response.writeHead(503).end()
      })
    clock.seconds += 5
    // The issuer is silent now, and nobody waits for it.
    expect(await verify(token)).toMatchObject(ACTIVE)
    release()
  })

  it('is given up when it is silent', async () => {
    issuer.answers.set(PATHS.jwks, () => undefined)
    const { verify } = verifierOf(issuer, { timeoutMilliseconds: 50 })
    await expect(verify(await tokenOf(first))).rejects.toMatchObject(UNKNOWN)
  })

  it('is given up when it stops in the middle of its answer', async () => {
    issuer.answers.set(PATHS.jwks, (_, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"keys":'),
    )
    const { verify } = verifierOf(issuer, { timeoutMilliseconds: 50 })
    await expect(verify(await tokenOf(first))).rejects.toMatchObject(UNKNOWN)
  })

  it('is given up by a fetch that heeds no signal', async () => {
    const { verify } = verifierOf(issuer, { timeoutMilliseconds: 50, fetch: () => new Promise(() => undefined) })
    await expect(verify(await tokenOf(first))).rejects.toMatchObject(UNKNOWN)
  })

  it('harms nobody by a listener that throws', async () => {
    away()
    const onEvent = (): never => {
      throw new Error('the log is full')
    }
    await expect(verifierOf(issuer, { onEvent }).verify(await tokenOf(first))).rejects.toMatchObject(UNKNOWN)
  })
})

describe('metadata that lies', () => {
  it.each([
    ['is that of another issuer', { issuer: 'https://evil.example.com' }],
    ['writes the issuer otherwise', (name: string) => ({ issuer: `${name}/` })],
    ['writes the issuer in capitals', (name: string) => ({ issuer: name.replace('http', 'HTTP') })],
    ['names no issuer', { issuer: undefined }],
    ['names a list of issuers', (name: string) => ({ issuer: [name] })],
    ['has its keys at another host over http', { jwks_uri: 'http://keys.example.com/jwks' }],
    ['has its keys in a file', { jwks_uri: 'file:///etc/passwd' }],
    ['has its keys in itself', { jwks_uri: 'data:application/json,{"keys":[]}' }],
    ['has its keys behind a password', { jwks_uri: 'https://a:b@keys.example.com/jwks' }],
    ['has its keys at no address', { jwks_uri: 'nowhere' }],
    ['has several addresses of keys', (name: string) => ({ jwks_uri: [`${name}/jwks`] })],
  ])('makes nobody know: it %s', async (_, changes) => {
    const name = issuer.issuer
    const changed = typeof changes === 'function' ? changes(name) : changes
    issuer.answers.set(PATHS.metadata, json({ issuer: name, jwks_uri: `${name}/jwks`, ...changed }))
    await expect(verifierOf(issuer).verify(await tokenOf(first))).rejects.toMatchObject(UNKNOWN)
    expect(asked(PATHS.jwks)).toBe(0)
  })

  it.each([
    ['https://auth.example.com', 'http://127.0.0.1:8080/jwks'],
    ['https://auth.example.com', 'http://localhost/jwks'],
    ['https://auth.example.com', 'http://keys.example.com/jwks'],
    ['http://localhost:4000', 'http://keys.example.com/jwks'],
    ['http://localhost:4000', 'http://localhost.example.com/jwks'],
  ])('sends the API of %s nowhere without encryption: %s', async (name, jwksUri) => {
    const fetched: string[] = []
    const { verify } = verifierOf(
      { issuer: name },
      {
        fetch: async (url) => {
          fetched.push(url)
          return Response.json({ issuer: name, jwks_uri: jwksUri, keys: [first.jwk] })
        },
      },
    )
    await expect(verify(await sign(first, claimsOf(name)))).rejects.toMatchObject(UNKNOWN)
    expect(fetched).toEqual([`${name}/.well-known/oauth-authorization-server`])
  })

  it('makes every signed token a stranger where it names no keys', async () => {
    issuer.answers.set(PATHS.metadata, json({ issuer: issuer.issuer }))
    expect(await verifierOf(issuer).verify(await tokenOf(first))).toEqual(REFUSED)
  })
})

describe('an answer that cannot be believed makes nobody know', () => {
  it.each<[string, (issuer: string) => Answer]>([
    ['a redirect', (name) => (_, response) => response.writeHead(302, { location: `${name}/elsewhere` }).end()],
    [
      'a permanent redirect',
      (name) => (_, response) => response.writeHead(308, { location: `${name}/elsewhere` }).end(),
    ],
    ['an empty one', () => (_, response) => response.writeHead(204).end()],
    ['HTML', () => (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('{"keys":[]}')],
    ['no type', () => (_, response) => response.writeHead(200).end('{"keys":[]}')],
    ['no JSON', () => (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"keys":')],
    ['a list', () => json([])],
    ['null', () => json(null)],
    ['an object without keys', () => json({})],
    ['keys that are no list', () => json({ keys: { 0: {} } })],
    ['more keys than anybody has', () => json({ keys: Array.from({ length: 101 }, () => ({})) })],
    [
      'a member twice',
      () => (_, response) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"keys":[],"keys":[]}'),
    ],
    [
      'no UTF-8',
      () => (_, response) =>
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(Buffer.from('{"keys":[],"a":"\xff"}', 'latin1')),
    ],
    ['one that is too long', () => json({ keys: [], padding: 'x'.repeat(300_000) })],
    [
      'one that never ends',
      () => (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        const more = (): void => {
          if (!response.destroyed) response.write(' '.repeat(65_536), () => setImmediate(more))
        }
        more()
      },
    ],
  ])('%s', async (_, answer) => {
    issuer.answers.set(PATHS.jwks, answer(issuer.issuer))
    issuer.answers.set('/elsewhere', json({ keys: [first.jwk] }))
    const { verify, reasons } = verifierOf(issuer)
    await expect(verify(await tokenOf(first))).rejects.toMatchObject(UNKNOWN)
    expect(issuer.asked).not.toContain('/elsewhere')
    expect(reasons()).toEqual([expect.stringMatching(/^keys: /)])
  })
})

it('finds the metadata of an issuer that has a path', async () => {
  const name = `${issuer.issuer}/tenant`
  issuer.answers.set(`${PATHS.metadata}/tenant`, json({ issuer: name, jwks_uri: `${issuer.issuer}/jwks` }))
  const { verify } = verifierOf({ issuer: name })
  expect(await verify(await sign(first, claimsOf(name)))).toMatchObject(ACTIVE)
})
