import { createAuthorizationServer, formOf, type OAuthError } from '@latchkey/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeClientKey, proofOf } from '../dpop-proofs.ts'
import { listen, sendTo } from '../hosts.ts'
import { lines, talk } from '../raw-connection.ts'
import { basic, createTestServer, FORM, ISSUER, type TestServer } from '../test-server.ts'

const ORIGIN = 'https://app.example.com'
const PREFLIGHT = { origin: ORIGIN, 'access-control-request-method': 'POST', 'access-control-request-headers': 'dpop' }

let test: TestServer

beforeAll(async () => {
  test = await createTestServer()
})

afterAll(() => test.close())

async function withApp<T>(corsOrigins: readonly string[], use: (port: number) => Promise<T>): Promise<T> {
  const app = await listen(test.server, { corsOrigins })
  try {
    return await use(app.port)
  } finally {
    await app.close()
  }
}

describe('RFC 9449', () => {
  it('RFC 9449 §4.3 · A10, H1 · refuses a second DPoP line before authentication', async () => {
    const answer = await withApp([], (port) =>
      talk(port, lines('POST /oauth2/token HTTP/1.1', ['Host: h', `Content-Type: ${FORM}`, 'DPoP: a', 'dpop: b'])),
    )
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([400, { error: 'invalid_dpop_proof' }])
  })

  it('RFC 9449 §11.1 · H6 · lets one of fifty proofs that are the same pass, in twenty rounds, on two nodes of one storage', async () => {
    const { clients, tokens, replays } = test.storage
    const nodes = [test.server, createAuthorizationServer({ issuer: ISSUER, clients, tokens, replays })] as const
    const authorization = basic('reader', test.secrets.reader)
    const form = formOf({ grant_type: 'client_credentials' })
    const key = await makeClientKey()
    for (let round = 0; round < 20; round += 1) {
      const dpop = await proofOf(key, `${ISSUER}/oauth2/token`)
      const answers = await Promise.allSettled(
        Array.from({ length: 50 }, (_, racer) => nodes[racer % 2 ? 1 : 0].token({ authorization, form, dpop })),
      )
      const refusals = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as OAuthError] : []))
      expect(refusals.map(({ code }) => code)).toEqual(Array.from({ length: 49 }, () => 'invalid_dpop_proof'))
    }
    await nodes[1].close()
  })

  it('RFC 9449 §8 · A11 · lets no script of another origin in unless it is set up to', async () => {
    await withApp([], async (port) => {
      const preflight = await sendTo(port, { method: 'OPTIONS', path: '/oauth2/token', headers: PREFLIGHT })
      expect([preflight.status, preflight.headers['allow']]).toEqual([405, 'POST'])
      const answer = await sendTo(port, { path: '/oauth2/token', headers: { origin: ORIGIN, 'content-type': FORM } })
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    })
  })

  it('RFC 9449 §8 · A11 · shows scripts of the given origins the fields that they must answer', async () => {
    await withApp([ORIGIN], async (port) => {
      const headers = { origin: ORIGIN, 'content-type': FORM, authorization: basic('reader', test.secrets.reader) }
      const answer = await sendTo(port, { path: '/oauth2/token', body: 'grant_type=client_credentials', headers })
      expect(answer.status).toBe(200)
      expect(answer.headers).toMatchObject({
        'access-control-allow-origin': ORIGIN,
        'access-control-expose-headers': 'DPoP-Nonce, WWW-Authenticate',
        vary: 'Origin',
      })
      const refused = await sendTo(port, { path: '/oauth2/token', headers: { origin: ORIGIN, 'content-type': FORM } })
      expect([refused.status, refused.headers['access-control-allow-origin']]).toEqual([401, ORIGIN])
    })
  })

  it('RFC 9449 §8 · A11 · answers a preflight of a given origin, and of no other', async () => {
    await withApp([ORIGIN], async (port) => {
      const preflight = (path: string, headers: Record<string, string>) =>
        sendTo(port, { method: 'OPTIONS', path, headers })
      const good = await preflight('/oauth2/token', PREFLIGHT)
      expect([good.status, good.body]).toEqual([204, ''])
      expect(good.headers).toMatchObject({
        'access-control-allow-origin': ORIGIN,
        'access-control-allow-headers': 'dpop',
        'x-content-type-options': 'nosniff',
      })
      const stranger = await preflight('/oauth2/token', { ...PREFLIGHT, origin: 'https://evil.example' })
      expect([stranger.status, stranger.headers['access-control-allow-origin']]).toEqual([405, undefined])
      const none = await preflight('/oauth2/token', { origin: ORIGIN })
      expect([none.status, none.headers['allow'], JSON.parse(none.body)]).toMatchObject([
        405,
        'POST',
        { error: 'invalid_request' },
      ])
      expect((await preflight('/nothing', PREFLIGHT)).status).toBe(404)
    })
  })
})
