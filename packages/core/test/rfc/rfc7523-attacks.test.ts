import { createPublicKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type Client, defineClient, type RegisteredKey, verificationKeyOf } from '../../src/index.ts'
import { asserting, assertionOf, encoded, makeAssertionKey } from '../client-assertions.ts'
import { makeClientKey, proofOf, replaysInSight, TOKEN_ADDRESS } from '../dpop-proofs.ts'
import { forge, makeLiteralSigner, SMALL_ORDER_POINTS, twinOf } from '../forged-signatures.ts'
import { publishing } from '../published-documents.ts'
import { asReports, createTestServer, GRANT, ISSUER, NOW, refusalOf, reports, respond } from '../test-server.ts'

const withKeys = (keys: readonly unknown[]): Client =>
  defineClient({
    id: 'machine',
    credentials: [{ kind: 'jwks', id: 'keys', keys: keys as RegisteredKey[] }],
    scopes: { read: true },
  })

const serverOf = (...clients: Client[]) => createTestServer(clients, { replays: replaysInSight() }).server

/** What the token endpoint makes of a request, and that it takes no time worth speaking of. */
async function outcomeOf(...[client, assertion, parameters]: [Client, string, Record<string, string>?]) {
  const begun = performance.now()
  const outcome = await refusalOf(serverOf(client).token(asserting(assertion, parameters)))
  expect(performance.now() - begun).toBeLessThan(1000)
  return outcome.split(' undefined')[0]
}

const REFUSED = '401 invalid_client'

describe('a key of small order, by which everybody can sign', () => {
  const jwkOf = (point: string) => ({ kty: 'OKP', crv: 'Ed25519', x: Buffer.from(point, 'hex').toString('base64url') })
  const claims = { iss: 'machine', sub: 'machine', aud: ISSUER, exp: NOW + 60 }
  const forgedBy = (jwk: object) =>
    forge(createPublicKey({ key: { ...jwk }, format: 'jwk' }), (attempt) =>
      [encoded({ alg: 'EdDSA' }), encoded({ ...claims, jti: `forged ${attempt}` })].join('.'),
    )

  it.each(SMALL_ORDER_POINTS)('RFC 7518 §3.3 · C32 · is not registered: %s', (point) => {
    expect(() => withKeys([jwkOf(point)])).toThrow('credential "keys": keys[0]')
    expect(() => verificationKeyOf('EdDSA', jwkOf(point))).toThrow(TypeError)
  })

  it.each(SMALL_ORDER_POINTS)('RFC 7518 §3.3 · C32 · is not used, wherever it comes from: %s', async (point) => {
    const assertion = forgedBy(jwkOf(point))
    const of = (credential: object) => ({ ...reports(), id: 'machine', credentials: [credential] }) as unknown as Client
    expect(await outcomeOf(of({ kind: 'jwks', id: 'keys', keys: [jwkOf(point)] }), assertion)).toBe(REFUSED)
    const uri = 'https://client.example/keys'
    const { documents: remoteDocuments } = publishing({ [uri]: JSON.stringify({ keys: [jwkOf(point)] }) })
    const published = of({ kind: 'jwks_uri', id: 'published', uri })
    const { server } = createTestServer([published], { replays: replaysInSight(), remoteDocuments })
    expect(await refusalOf(server.token(asserting(assertion)))).toBe(REFUSED)
  })

  it.each(SMALL_ORDER_POINTS)('RFC 9449 §4.3 · H2, C32 · proves no possession: %s', async (point) => {
    const jwk = jwkOf(point)
    const proof = forge(createPublicKey({ key: jwk, format: 'jwk' }), (attempt) =>
      [
        encoded({ typ: 'dpop+jwt', alg: 'EdDSA', jwk }),
        encoded({ jti: `forged ${attempt}`, htm: 'POST', htu: TOKEN_ADDRESS, iat: NOW }),
      ].join('.'),
    )
    const request = { ...asReports(GRANT), dpop: proof }
    expect(await refusalOf(serverOf(reports()).token(request))).toBe('400 invalid_dpop_proof')
  })
})

describe('a signature on a curve has a twin that is as good', () => {
  it.each(['ES256', 'ES384', 'ES512'])(
    'RFC 7523 §3 · C26 · and an assertion with the twin is the same assertion: %s',
    async (alg) => {
      const key = await makeAssertionKey(alg)
      for (const order of ['given first', 'given second']) {
        const server = serverOf(withKeys([key.jwk]))
        const assertion = await assertionOf(key)
        const both = [assertion, twinOf(assertion)]
        const outcomes: number[] = []
        for (const one of order === 'given first' ? both : both.toReversed())
          outcomes.push((await respond(server.token(asserting(one)))).status)
        expect(outcomes).toEqual([200, 401])
      }
    },
  )

  it('RFC 9449 §11.1 · H6 · and a proof with the twin is the same proof', async () => {
    const server = serverOf(reports())
    const proof = await proofOf(await makeClientKey())
    const ask = (dpop: string) => respond(server.token({ ...asReports(GRANT), dpop }))
    expect((await ask(twinOf(proof))).status).toBe(200)
    expect(JSON.parse((await ask(proof)).body)).toMatchObject({ error: 'invalid_dpop_proof' })
  })
})

describe('what a client with a good key can write', () => {
  const { jwk, token } = makeLiteralSigner()
  const client = withKeys([jwk])
  const HEADER = '{"alg":"ES256"}'
  const usual = `"iss":"machine","sub":"machine","aud":"${ISSUER}","jti":"literal"`
  const dated = `${usual},"exp":${NOW + 60}`
  /** As deep as there is room for. */
  const deep = (open: string, close: string, most = 11_000) => {
    const levels = Math.floor(most / (open.length + close.length))
    return `${open.repeat(levels)}1${close.repeat(levels)}`
  }

  it.each<[string, string | Buffer]>([
    ['a member twice', `{${dated},"iss":"machine"}`],
    ['a member twice, written once with an escape', `{${dated},"i\\u0073s":"other"}`],
    ['a member twice somewhere inside', `{${dated},"events":{"a":1,"a":2}}`],
    ['its claims as a prototype', `{"__proto__":{${dated}}}`],
    ['its exp as a prototype', `{${usual},"__proto__":{"exp":${NOW + 60}}}`],
    ['the prototype of everything', `{"constructor":{"prototype":{${dated}}}}`],
    ['an exp beyond all numbers', `{${usual},"exp":1e400}`],
    ['an exp below all numbers', `{${usual},"exp":-1e400}`],
    ['an exp of minus nothing', `{${usual},"exp":-0}`],
    ['the largest number as exp', `{${usual},"exp":1.7976931348623157e308}`],
    ['an exp with more digits than a number has', `{${usual},"exp":${NOW}${'0'.repeat(400)}}`],
    ['an iat below all numbers', `{${dated},"iat":-1e400}`],
    ['an iat of minus nothing', `{${dated},"iat":-0}`],
    ['an nbf beyond all numbers', `{${dated},"nbf":1e400}`],
    ['an exp that is a list of one', `{${usual},"exp":[${NOW + 60}]}`],
    ['an iat that is an object', `{${dated},"iat":{"valueOf":1}}`],
    ['lists as deep as there is room for', deep('[', ']')],
    ['objects as deep as there is room for', deep('{"a":', '}')],
    [
      'a jti that is a deep list',
      `{"iss":"machine","sub":"machine","aud":"${ISSUER}","jti":${deep('[', ']', 10_000)}}`,
    ],
    ['a byte order mark', Buffer.from(`\ufeff{${dated}}`)],
    ['UTF-16', Buffer.from(`{${dated}}`, 'utf16le')],
    ['what is no UTF-8', Buffer.concat([Buffer.from(`{${dated},"x":"`), Buffer.from([0xff]), Buffer.from('"}')])],
    ['a NUL behind it', `{${dated}}\0`],
    ['a comment', `{${dated}/**/}`],
    ['two objects', `{${dated}}{}`],
    ['an aud with a NUL', `{"iss":"machine","sub":"machine","aud":"${ISSUER}\\u0000","jti":"j","exp":${NOW + 60}}`],
    ['nothing', '{}'],
    ['null', 'null'],
    ['a number', '1'],
  ])('RFC 7523 §3 · C22, C24, C33 · is no assertion with %s', async (_, payload) => {
    expect(await outcomeOf(client, token(HEADER, payload))).toBe(REFUSED)
  })

  it.each<[string, string]>([
    ['claims that JavaScript knows', `{${dated},"__proto__":{"iss":"other"},"constructor":1,"toString":2}`],
    ['deep claims that nobody asks for', `{${dated},"deep":${deep('[', ']', 10_000)}}`],
    ['blanks between', ` {\n${dated} } `],
    ['a jti of half a character', `{${dated.replace('literal', '\\ud800')}}`],
    ['an exp with an exponent', `{${usual},"exp":${(NOW + 60) / 10}e1}`],
  ])('RFC 7523 §3 · C22 · may be %s', async (_, payload) => {
    expect(await outcomeOf(client, token(HEADER, payload))).toBe('200')
  })

  it.each<[string, string]>([
    ['an alg in a list', '{"alg":["ES256"]}'],
    ['an alg as a prototype', '{"__proto__":{"alg":"ES256"}}'],
    ['an alg twice', '{"alg":"ES256","alg":"ES256"}'],
    ['an alg in small letters', '{"alg":"es256"}'],
    ['an alg that JavaScript knows', '{"alg":"constructor"}'],
    ['an alg of another curve', '{"alg":"ES384"}'],
    ['an alg of secrets', '{"alg":"HS256"}'],
    ['no extension that is critical', '{"alg":"ES256","crit":[]}'],
    ['a critical extension that is no list', '{"alg":"ES256","crit":"exp"}'],
    ['a critical member that is there always', '{"alg":"ES256","crit":["alg"]}'],
    ['a payload that is not encoded', '{"alg":"ES256","crit":["b64"],"b64":false}'],
    ['the word that it is not encoded', '{"alg":"ES256","b64":false}'],
    ['the word that it is encoded', '{"alg":"ES256","b64":true}'],
    ['a kid of sixteen kilobytes', `{"alg":"ES256","kid":"${'k'.repeat(16 * 1024)}"}`],
    ['a kid that is a deep list', `{"alg":"ES256","kid":${deep('[', ']', 10_000)}}`],
    ['a kid that is null', '{"alg":"ES256","kid":null}'],
    ['a typ that is a list', '{"alg":"ES256","typ":["JWT"]}'],
    ['a typ with a NUL', '{"alg":"ES256","typ":"JWT\\u0000"}'],
    ['a typ with a letter that is like another', '{"alg":"ES256","typ":"client-authent\\u0131cation+jwt"}'],
    ['the header of an encrypted token', '{"alg":"dir","enc":"A256GCM"}'],
    ['zipped content', '{"alg":"none","zip":"DEF"}'],
  ])('RFC 7515 §4.1 · C28, C31, C33 · is no header with %s', async (_, header) => {
    expect(await outcomeOf(client, token(header, `{${dated}}`))).toBe(REFUSED)
  })

  it.each<[string, string]>([
    ['a kid of eight kilobytes, for a key without a name', `{"alg":"ES256","kid":"${'k'.repeat(8 * 1024)}"}`],
    ['a deep key that is never looked at', `{"alg":"ES256","jwk":${deep('[', ']', 8_000)}}`],
    ['a prototype of its own', '{"alg":"ES256","__proto__":{"crit":["x"],"kid":7}}'],
  ])('RFC 7515 §4 · C31 · may be a header with %s', async (_, header) => {
    expect(await outcomeOf(client, token(header, `{${dated}}`))).toBe('200')
  })

  it.each([
    '__proto__',
    'constructor',
    'hasOwnProperty',
    '',
    ' machine',
    'machine\0',
    'MACHINE',
    'm\u0430chine',
    'machine\u200b',
    '\ud800',
    '\u{1f511}',
    'm'.repeat(300),
    "machine' OR '1'='1",
    'machine\r\nx-injected: 1',
  ])('RFC 7523 §3 · C22, C33 · makes it no other client: %j', async (id) => {
    const claims = { iss: id, sub: id, aud: ISSUER, exp: NOW + 60, jti: 'literal' }
    const assertion = token(HEADER, JSON.stringify(claims))
    expect(await outcomeOf(client, assertion)).toBe(REFUSED)
    expect(await outcomeOf(client, assertion, { client_id: 'machine' })).toBe(REFUSED)
    const half = token(HEADER, JSON.stringify({ ...claims, sub: 'machine' }))
    expect(await outcomeOf(client, half, { client_id: 'machine' })).toBe(REFUSED)
  })
})
