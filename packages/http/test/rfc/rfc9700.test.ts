import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AppSettings } from '../../src/app.ts'
import { keep, latchkey } from '../cli/latchkey.ts'
import { listen, sendTo } from '../hosts.ts'
import { basic, createTestServer, FORM, type TestServer } from '../test-server.ts'

let test: TestServer

beforeAll(async () => {
  test = await createTestServer({ issuer: 'https://auth.example.com/tenant' })
})

afterAll(() => test.close())

/** The status of a token request that comes over plain HTTP from 127.0.0.1. */
async function statusOf(settings: AppSettings, headers: Record<string, string> = {}): Promise<number> {
  const app = await listen(test.server, settings)
  const own = { 'content-type': FORM, authorization: basic('reader', test.secrets.reader) }
  const { status } = await sendTo(app.port, {
    path: '/tenant/oauth2/token',
    body: 'grant_type=client_credentials',
    headers: { ...own, ...headers },
  })
  await app.close()
  return status
}

const HTTPS = { 'x-forwarded-proto': 'https' }

describe('RFC 9700', () => {
  it('RFC 9700 §2.5 · P2 · tells of keys before it makes a secret that nobody asked for', async () => {
    const { environment, end } = await keep()
    const add = (words: string, input = '') => latchkey(['client', 'add', ...words.split(' ')], { environment, input })
    const { err, out } = await add('reports')
    expect(err).toMatch(/^A secret can be stolen.*--jwks.*\nThe secret is shown this once/)
    expect(out).toMatch(/client_secret +lk_s_/)
    expect((await add('others --secret-stdin', 'TopSecretClientSecret\n')).err).not.toMatch(/--jwks/)
    expect((await add('third --jwks-uri https://keys.example/')).err).toBe('')
    await end()
  })

  it('RFC 9700 §4.13 · A12 · believes nobody who is not configured that a request came by https', async () => {
    expect(await statusOf({})).toBe(400)
    expect(await statusOf({}, HTTPS)).toBe(400)
    expect(await statusOf({}, { forwarded: 'proto=https' })).toBe(400)
    expect(await statusOf({ trustedProxies: ['10.0.0.0/8', '::1'] }, HTTPS)).toBe(400)
  })

  it.each([['127.0.0.1'], ['127.0.0.0/8'], ['10.0.0.1', '127.0.0.1/32']])(
    'RFC 9700 §4.13 · A12, D27 · believes a proxy among %s',
    async (...trustedProxies) => {
      expect(await statusOf({ trustedProxies }, HTTPS)).toBe(200)
      expect(await statusOf({ trustedProxies })).toBe(400)
      expect(await statusOf({ trustedProxies }, { 'x-forwarded-proto': 'http' })).toBe(400)
      expect(await statusOf({ trustedProxies }, { 'x-forwarded-proto': 'https, http' })).toBe(400)
      expect(await statusOf({ trustedProxies }, { 'x-forwarded-proto': 'HTTPS, https' })).toBe(200)
      expect(await statusOf({ trustedProxies }, { forwarded: 'proto=https' })).toBe(400)
    },
  )

  it('RFC 6749 §3.2 · A1, D27 · answers plain HTTP where the operator allows it in as many words', async () => {
    expect(await statusOf({ allowInsecureHttp: true })).toBe(200)
  })

  it('RFC 6749 §3.2 · A1, D27 · tells the health of the process over plain HTTP too', async () => {
    const app = await listen(test.server)
    for (const path of ['/health/live', '/health/ready', '/health/live?x=y'])
      expect([path, (await sendTo(app.port, { method: 'GET', path })).status]).toEqual([path, 200])
    expect(
      (await sendTo(app.port, { method: 'GET', path: '/.well-known/oauth-authorization-server/tenant' })).status,
    ).toBe(400)
    await app.close()
  })
})
