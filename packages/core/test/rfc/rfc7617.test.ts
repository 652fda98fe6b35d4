import { describe, expect, it } from 'vitest'
import { formOf } from '../../src/index.ts'
import { basic, createTestServer, GRANT, ISSUER, REPORTS, reports, respond, STRANGER } from '../test-server.ts'

const SECRET = REPORTS.secret
const base64 = (pair: string) => Buffer.from(pair, 'latin1').toString('base64')
const PAIR = base64(`reports:${SECRET}`)

// What is no secret of ours is refused without a derivation here: the header is what these tests are about.
const serverOf = (registered = [reports()]) => createTestServer(registered, { generatedSecretsOnly: true })

const respondTo = (authorization: string, test = serverOf()) =>
  respond(test.server.token({ authorization, form: formOf(GRANT) }))
const statusOf = async (...request: Parameters<typeof respondTo>) => (await respondTo(...request)).status

describe('the header', () => {
  it.each(['Basic ', 'basic ', 'BASIC ', 'bAsIc ', 'Basic  ', 'Basic        '])(
    'RFC 7617 §2 · C10 · reads the scheme in any case, with one space or more behind it: %j',
    async (scheme) => {
      expect(await statusOf(scheme + PAIR)).toBe(200)
    },
  )

  it.each([
    ['no space', `Basic${PAIR}`],
    ['a tab', `Basic\t${PAIR}`],
    ['a space before it', ` Basic ${PAIR}`],
    ['another scheme', `Bearer ${PAIR}`],
  ])('RFC 7617 §2 · C10 · does not read a header with %s', async (_, authorization) => {
    expect(await statusOf(authorization)).toBe(401)
  })

  it.each([
    ['without its padding', `Basic ${base64('reports:' + 's').replace(/=+$/, '')}`],
    ['with a character that is none', `Basic ${PAIR.slice(0, 8)}*${PAIR.slice(8)}`],
    ['with a space within', `Basic ${PAIR.slice(0, 8)} ${PAIR.slice(8)}`],
    ['with a line feed within', `Basic ${PAIR.slice(0, 8)}\n${PAIR.slice(8)}`],
    ['with padding within', `Basic ${base64('reports:')}${base64(SECRET)}`],
    ['with something after it', `Basic ${PAIR}, Basic ${PAIR}`],
    ['with too much padding', `Basic ${PAIR}====`],
  ])('RFC 7617 §2 · C11 · decodes strictly, so reads no header %s', async (_, authorization) => {
    expect(await statusOf(authorization)).toBe(401)
  })

  it('RFC 7617 §2 · C11 · decodes strictly, so that no two texts mean the same pair', async () => {
    const exact = PAIR
    expect([exact.length % 4, exact.endsWith('==')]).toEqual([0, true])
    expect(await statusOf(`Basic ${exact}`)).toBe(200)
    const last = exact.replace(/=+$/, '').length - 1
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    const twin = exact.slice(0, last) + alphabet[alphabet.indexOf(exact[last] ?? '') + 1] + exact.slice(last + 1)
    expect(Buffer.from(twin, 'base64')).toEqual(Buffer.from(exact, 'base64'))
    expect(await statusOf(`Basic ${twin}`)).toBe(401)
  })

  it('RFC 7617 §2 · C12 · divides at the first colon, and an encoded one divides nothing', async () => {
    const test = serverOf([reports({ id: 'a:b' })])
    expect(await statusOf(basic('a:b', SECRET), test)).toBe(401)
    expect(await statusOf(basic('a%3Ab', SECRET), test)).toBe(200)
    expect(await statusOf(basic('reports', `:${SECRET}`))).toBe(401)
    expect(await statusOf(basic('reports', `${SECRET}:`))).toBe(401)
  })

  it.each([
    ['an empty id', `:${SECRET}`],
    ['no colon', 'reports'],
    ['an empty secret', 'reports:'],
    ['nothing but a colon', ':'],
    ['a NUL after the secret', `reports:${SECRET}\0`],
    ['an encoded NUL after the secret', `reports:${SECRET}%00`],
    ['a control character in the id', `reports\x1f:${SECRET}`],
    ['a delete character', `reports:${SECRET}\x7f`],
    ['a byte beyond ASCII', `r\xe9ports:${SECRET}`],
  ])('RFC 7617 §2 · C14 · answers a pair that has %s with 401', async (_, pair) => {
    expect(await statusOf(`Basic ${base64(pair)}`)).toBe(401)
  })
})

describe('the challenge', () => {
  it('RFC 7617 §2.1 · C5 · names the issuer as the realm of its challenge, and repeats nothing of the request', async () => {
    const { headers } = await respondTo(basic('"evil"', STRANGER.secret))
    expect(headers['www-authenticate']).toBe(`Basic realm="${ISSUER}", charset="UTF-8"`)
  })

  it('RFC 7617 §2.1 · C5 · challenges with every 401 for a client, at each endpoint', async () => {
    const { server } = createTestServer()
    for (const authorization of [
      undefined,
      '',
      'Basic !',
      'Digest x',
      basic('reports', STRANGER.secret),
      basic('nobody', SECRET),
    ])
      for (const endpoint of [server.token, server.introspect, server.revoke]) {
        const request = {
          form: formOf({ ...GRANT, token: 'x' }),
          ...(authorization !== undefined && { authorization }),
        }
        const { status, headers } = await respond(endpoint(request) as Promise<object>)
        expect([status, headers['www-authenticate']]).toEqual([401, `Basic realm="${ISSUER}", charset="UTF-8"`])
      }
  })
})
