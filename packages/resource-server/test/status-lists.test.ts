import { deflateSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readStatusList } from '../src/status/status-list.ts'
import {
  claimsOf,
  type IssuerKey,
  makeKey,
  NOW,
  sign,
  startIssuer,
  status,
  type TestIssuer,
  verifierOf,
} from './test-issuer.ts'

const PATH = '/status-lists/1'
const UNKNOWN = { code: 'temporarily_unavailable', status: 503 }
const REFUSED = { ok: false, error: 'invalid_token' }

let issuer: TestIssuer
let key: IssuerKey
beforeEach(async () => {
  key = await makeKey('ES256')
  issuer = await startIssuer(key)
})
afterEach(() => issuer.close())

const tokenAt = (idx: unknown, uri: unknown = issuer.issuer + PATH): Promise<string> =>
  sign(key, claimsOf(issuer.issuer, { status: { status_list: { idx, uri } } }))

const packed = (...bytes: number[]) => ({ bits: 1, lst: deflateSync(Buffer.from(bytes)).toString('base64url') })

interface Published {
  readonly claims?: Record<string, unknown>
  readonly header?: Record<string, unknown>
  readonly headers?: Record<string, string>
  readonly by?: Parameters<typeof sign>[0]
}

async function publish(list: object, { claims, header, headers, by = key }: Published = {}): Promise<void> {
  const body = { iss: issuer.issuer, sub: issuer.issuer + PATH, iat: NOW, exp: NOW + 120, ttl: 60, status_list: list }
  const token = await sign(by, { ...body, ...claims }, { typ: 'statuslist+jwt', ...header })
  issuer.answers.set(PATH, (_, response) =>
    response.writeHead(200, { 'content-type': 'application/statuslist+jwt', ...headers }).end(token),
  )
}

const fetched = (): number => issuer.asked.filter((path) => path === PATH).length

describe('the examples of draft-ietf-oauth-status-list §4.1 and Appendix C', () => {
  it.each([
    ['one bit', 1, 'eNrbuRgAAhcBXQ', [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]],
    ['two bits', 2, 'eNo76fITAAPfAgc', [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]],
  ])('read as they are meant: %s', async (_what, bits, lst, statuses) => {
    const list = await readStatusList({ bits, lst })
    expect(statuses.map((_status, index) => list.at(index))).toEqual(statuses)
    expect(list.at(statuses.length)).toBeUndefined()
  })
})

describe('a signed token with a place in a status list', () => {
  it('is active while its bit is 0, and not where it is 1', async () => {
    await publish(packed(0b0000_0010))
    const { verify, reasons } = verifierOf(issuer)
    expect(await verify(await tokenAt(0))).toMatchObject({ ok: true })
    expect(await verify(await tokenAt(1))).toEqual(REFUSED)
    expect(reasons()).toEqual(['the status list says that the token is not valid'])
    expect(fetched()).toBe(1)
  })

  it('is refused beyond the end of the list, and where it names no place', async () => {
    await publish(packed(0))
    const { verify } = verifierOf(issuer)
    for (const idx of [8, -1, 0.5, '0', undefined]) expect(await verify(await tokenAt(idx))).toEqual(REFUSED)
    expect(await verify(await tokenAt(0, 5))).toEqual(REFUSED)
    const odd = await sign(key, claimsOf(issuer.issuer, { status: 'revoked' }))
    expect(await verify(odd)).toEqual(REFUSED)
  })

  it('goes by its list for the ttl and not a second longer', async () => {
    await publish(packed(0))
    const { verify, clock } = verifierOf(issuer)
    const token = await tokenAt(0)
    await verify(token)
    await publish(packed(1))
    clock.seconds += 59
    expect(await verify(token)).toMatchObject({ ok: true })
    clock.seconds += 1
    expect(await verify(token)).toEqual(REFUSED)
    expect(fetched()).toBe(2)
  })

  it('goes by a list that was kept on the way for what is left of it', async () => {
    await publish(packed(0), { headers: { 'cache-control': 'public, max-age=50', age: '30' } })
    const { verify, clock } = verifierOf(issuer)
    const token = await tokenAt(0)
    await verify(token)
    await publish(packed(1))
    clock.seconds += 20
    expect(await verify(token)).toEqual(REFUSED)
  })

  it('is not known to be active once its list is old and no other can be had', async () => {
    await publish(packed(0))
    const { verify, clock, events } = verifierOf(issuer)
    const token = await tokenAt(0)
    await verify(token)
    issuer.answers.set(PATH, status(503))
    clock.seconds += 59
    expect(await verify(token)).toMatchObject({ ok: true })
    clock.seconds += 1
    await expect(verify(token)).rejects.toMatchObject(UNKNOWN)
    expect(events.at(-1)).toMatchObject({ type: 'issuer_unavailable' })
  })

  it.each<[string, object, Published]>([
    ['of another type', packed(0), { header: { typ: 'at+jwt' } }],
    ['with the address of another', packed(0), { claims: { sub: 'https://other.example/1' } }],
    ['of another issuer', packed(0), { claims: { iss: 'https://other.example' } }],
    ['that has expired', packed(0), { claims: { exp: NOW - 10 } }],
    ['from the future', packed(0), { claims: { iat: NOW + 100 } }],
    ['without a time', packed(0), { claims: { iat: undefined } }],
    ['with a ttl of nothing', packed(0), { claims: { ttl: 0 } }],
    ['of three bits', { ...packed(0), bits: 3 }, {}],
    ['that is not packed', { bits: 1, lst: 'AAAA' }, {}],
    ['that is a bomb', { bits: 1, lst: deflateSync(Buffer.alloc(2 ** 25)).toString('base64url') }, {}],
    ['of another media type', packed(0), { headers: { 'content-type': 'application/json' } }],
  ])('is not known to be active by a list %s', async (_what, list, published) => {
    await publish(list, published)
    await expect(verifierOf(issuer).verify(await tokenAt(0))).rejects.toMatchObject(UNKNOWN)
  })

  it('is not known to be active by a list that another key has signed', async () => {
    const thief = await makeKey('ES256', key.kid)
    await publish(packed(0), { by: thief })
    await expect(verifierOf(issuer).verify(await tokenAt(0))).rejects.toMatchObject(UNKNOWN)
    await publish(packed(0), { by: { alg: 'HS256', kid: key.kid, privateKey: new Uint8Array(32) } })
    await expect(verifierOf(issuer).verify(await tokenAt(0))).rejects.toMatchObject(UNKNOWN)
  })

  it('does not make an API ask an address that is not https', async () => {
    const { verify } = verifierOf(issuer)
    await expect(verify(await tokenAt(0, 'http://192.0.2.1/list'))).rejects.toMatchObject(UNKNOWN)
  })

  it('passes without a list where its status says something else', async () => {
    const token = await sign(key, claimsOf(issuer.issuer, { status: { other: {} } }))
    expect(await verifierOf(issuer).verify(token)).toMatchObject({ ok: true })
    expect(fetched()).toBe(0)
  })
})
