import { describe, expect, it } from 'vitest'
import type { AccessTokenRecord, AuthorizationServerOptions, Confirmation } from '../../src/index.ts'
import { createJwtTestServer, partsOf } from '../jwt-server.ts'
import { openRing } from '../signing-keys.ts'
import { asReports, createTestServer, refusalOf, reports, type TestServer } from '../test-server.ts'

const JKT = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I'
const CERTIFICATE = 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0'
const BOUND: readonly [Confirmation, Record<string, string>, string][] = [
  [{ jkt: JKT }, { jkt: JKT }, 'DPoP'],
  [{ x5tS256: CERTIFICATE }, { 'x5t#S256': CERTIFICATE }, 'Bearer'],
  [{ jkt: JKT, x5tS256: CERTIFICATE }, { jkt: JKT, 'x5t#S256': CERTIFICATE }, 'DPoP'],
]

async function boundToken({ server }: TestServer, confirmation: Confirmation): Promise<string> {
  const token = await server.createToken({ client: reports(), scopes: ['read', 'introspect'], confirmation })
  await server.storeToken(token)
  return token.value
}

const bothFormats = async (): Promise<readonly TestServer[]> => {
  const mayIntrospect = [reports({ introspect: 'any' })]
  return [createTestServer(mayIntrospect), await createJwtTestServer(mayIntrospect)]
}

describe('a token that is bound', () => {
  it.each(BOUND)(
    'RFC 9449 §6.2 · H10, H14, I4 · says so in introspection, in both formats: %j',
    async (bound, cnf, type) => {
      for (const test of await bothFormats()) {
        const token = await boundToken(test, bound)
        expect(await test.server.introspect(asReports({ token }))).toMatchObject({
          active: true,
          cnf,
          token_type: type,
        })
      }
    },
  )

  it.each(BOUND)('RFC 9449 §6.1 · H10 · says so in a token that is self-contained: %j', async (bound, cnf) => {
    const token = await boundToken(await createJwtTestServer(), bound)
    expect(partsOf(token).payload).toMatchObject({ cnf })
  })

  it.each(BOUND)('RFC 9449 §7.2 · N6 · is no bearer token: %j', async (bound) => {
    for (const test of await bothFormats()) {
      const token = await boundToken(test, bound)
      const refused = { ok: false, error: 'invalid_token', status: 401 }
      expect(await test.server.verifyBearer({ authorization: `Bearer ${token}` })).toMatchObject(refused)
      expect(await test.server.verifyAccessToken({ token })).toEqual({ ok: false, error: 'invalid_token' })
      expect(await test.server.verifyAccessToken({ token, proven: bound })).toMatchObject({ ok: true })
      for (const name of Object.keys(bound)) {
        const { [name as keyof Confirmation]: _, ...less } = bound
        expect(await test.server.verifyAccessToken({ token, proven: less })).toMatchObject({ ok: false })
        expect(
          await test.server.verifyAccessToken({ token, proven: { ...bound, [name]: 'A'.repeat(43) } }),
        ).toMatchObject({
          ok: false,
        })
      }
      const about = { authorization: `Bearer ${token}`, form: asReports({ token: 'another' }).form }
      expect(await refusalOf(test.server.introspect(about))).toBe('401 invalid_token')
    }
  })

  it('RFC 7800 §3.1 · N9 · is broken, never a bearer token, where its record binds it to what is not understood', async () => {
    const test = createTestServer()
    const token = await boundToken(test, { jkt: JKT })
    for (const confirmation of [{}, { jkt: 'short' }, { kid: 'a key' }, { jkt: JKT, more: JKT }, 'text', null]) {
      for (const [id, record] of test.tokens)
        test.tokens.set(id, { ...record, confirmation } as unknown as AccessTokenRecord)
      expect(await refusalOf(test.server.introspect(asReports({ token })))).toBe('503 temporarily_unavailable')
      await expect(test.server.verifyBearer({ authorization: `Bearer ${token}` })).rejects.toMatchObject({
        status: 503,
      })
    }
  })

  it('RFC 7800 §3.1 · N9 · is none of ours where it says that it is bound to what is not understood', async () => {
    const ring = await openRing()
    // Signed with our key by a later version: it knows of a binding that this one does not.
    const signed = async (cnf: unknown): Promise<TestServer & { readonly token: string }> => {
      const { server } = await createJwtTestServer(undefined, { signer: ring })
      const { value } = await server.createToken({ client: reports(), scopes: ['read'], confirmation: { jkt: JKT } })
      const { header, payload } = partsOf(value)
      const [head, body] = [header, { ...payload, cnf }].map((part) =>
        Buffer.from(JSON.stringify(part)).toString('base64url'),
      )
      const key = ring.signingKey(payload['iat'] as number)
      const signature = await key.sign(Buffer.from(`${head}.${body}`))
      const test = createTestServer(undefined, { signer: ring } satisfies Partial<AuthorizationServerOptions>)
      return { ...test, token: `${head}.${body}.${Buffer.from(signature).toString('base64url')}` }
    }
    const good = await signed({ jkt: JKT })
    expect(await good.server.introspect(asReports({ token: good.token }))).toMatchObject({ active: true })
    for (const cnf of [{}, null, 'x', { jkt: 1 }, { jkt: JKT, kid: 'a key' }, { 'x5t#S512': CERTIFICATE }]) {
      const { server, token } = await signed(cnf)
      expect(await server.introspect(asReports({ token }))).toEqual({ active: false })
      expect(await server.verifyBearer({ authorization: `Bearer ${token}` })).toMatchObject({ status: 401 })
    }
  })

  it('RFC 7800 §3.1 · N9 · is not made where a program asks for a binding that nobody understands', async () => {
    const { server } = createTestServer()
    for (const confirmation of [{}, { jkt: 'short' }, { kid: 'a key' }])
      await expect(
        server.createToken({ client: reports(), scopes: [], confirmation: confirmation as Confirmation }),
      ).rejects.toMatchObject({ code: 'server_error' })
  })
})
