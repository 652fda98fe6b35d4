import { randomBytes } from 'node:crypto'
import { compactDecrypt } from 'jose'
import { describe, expect, it } from 'vitest'
import { createJwtTestServer, partsOf } from '../jwt-server.ts'
import {
  asReports,
  asStranger,
  createTestServer,
  GRANT,
  NOW,
  refusalOf,
  reports,
  stranger,
  tokenOf,
} from '../test-server.ts'

const INACTIVE = { active: false }

describe('a self-contained token', () => {
  it('RFC 7662 §2.2 · D13, I4, I6 · is introspected by what it says, after every check', async () => {
    const test = await createJwtTestServer()
    const token = await tokenOf(test, 'read')
    const { payload } = partsOf(token)
    const { exp, iat, jti } = payload
    expect(await test.server.introspect(asReports({ token }))).toEqual({
      active: true,
      scope: 'read',
      client_id: 'reports',
      token_type: 'Bearer',
      exp,
      iat,
      sub: 'reports',
      aud: 'https://auth.example.com',
      iss: 'https://auth.example.com',
      jti,
    })
    expect(test.asked.filter((asked) => asked.startsWith('tokens.'))).toEqual([])
  })

  it.each([['', 'access_token', 'refresh_token', 'jwt', 'made_up']])(
    'RFC 7662 §2.1 · D13, I5 · is introspected and revoked whatever the hint says',
    async (...hints) => {
      for (const hint of hints) {
        const test = await createJwtTestServer()
        const token = await tokenOf(test)
        const request = asReports({ token, token_type_hint: hint })
        expect(await test.server.introspect(request)).toMatchObject({ active: true })
        await test.server.revoke(request)
        expect(await test.server.introspect(request)).toEqual(INACTIVE)
      }
    },
  )

  it('RFC 7662 §4 · D12 · is told of to those whom it concerns', async () => {
    const test = await createJwtTestServer([reports(), stranger({ resourceServerFor: ['https://api.example.com'] })])
    const token = await tokenOf(test)
    expect(await test.server.introspect(asStranger({ token }))).toEqual(INACTIVE)
    const forApi = await createJwtTestServer(
      [reports(), stranger({ resourceServerFor: ['https://api.example.com'] })],
      { defaultAudience: 'https://api.example.com' },
    )
    const another = await tokenOf(forApi)
    expect(await forApi.server.introspect(asStranger({ token: another }))).toMatchObject({ active: true })
  })

  it('RFC 7009 §2 · D13, J5 · is revoked by its jti for as long as it lives and two minutes more, and by its client alone', async () => {
    const test = await createJwtTestServer()
    const token = await tokenOf(test)
    await test.server.revoke(asStranger({ token }))
    expect(test.revoked.size).toBe(0)
    await test.server.revoke(asReports({ token }))
    expect([...test.revoked]).toEqual([[partsOf(token).payload['jti'], NOW + 3600 + 120]])
    expect(await test.server.introspect(asReports({ token }))).toEqual(INACTIVE)
    expect(await test.server.verifyAccessToken({ token })).toEqual({ ok: false, error: 'invalid_token' })
    await test.server.revoke(asReports({ token }))
    expect(test.revoked.size).toBe(1)
    expect((await test.events()).map(({ type }) => type)).toEqual([
      'token_issued',
      'revocation_ignored',
      'token_revoked',
    ])
  })

  it('RFC 7009 §2.2 · J5, J7 · is not written down as revoked once it is good nowhere', async () => {
    const test = await createJwtTestServer()
    const token = await tokenOf(test)
    test.clock.seconds = NOW + 3600 + 119
    await test.server.revoke(asReports({ token }))
    expect(test.revoked.size).toBe(1)
    const another = await createJwtTestServer()
    const older = await tokenOf(another)
    another.clock.seconds = NOW + 3600 + 120
    await another.server.revoke(asReports({ token: older }))
    expect(another.revoked.size).toBe(0)
  })

  it('RFC 7662 §2.2 · D24 · expires with its second', async () => {
    const test = await createJwtTestServer()
    const token = await tokenOf(test)
    test.clock.seconds = NOW + 3599
    expect(await test.server.introspect(asReports({ token }))).toMatchObject({ active: true })
    test.clock.seconds = NOW + 3600
    expect(await test.server.introspect(asReports({ token }))).toEqual(INACTIVE)
  })

  it.each([
    ['disabled', () => reports({ enabled: false })],
    ['removed', () => undefined],
    ['one whose tokens were all revoked', () => reports({ tokensValidFrom: NOW + 1 })],
  ])('RFC 7662 §4 · I7 · is inactive at once when its client is %s', async (_what, changed) => {
    const test = await createJwtTestServer([reports(), stranger({ introspect: 'any' })])
    const token = await tokenOf(test)
    expect(await test.server.introspect(asStranger({ token }))).toMatchObject({ active: true })
    const client = changed()
    if (client === undefined) test.clients.delete('reports')
    else test.clients.set('reports', client)
    expect(await test.server.introspect(asStranger({ token }))).toEqual(INACTIVE)
  })

  it('RFC 7662 §2.2 · D16 · is neither active nor inactive while the storage is away: 503', async () => {
    const test = await createJwtTestServer()
    const token = await tokenOf(test)
    const away = createTestServer(undefined, (honest) => ({
      signer: test.ring,
      tokens: { ...honest.tokens, isRevoked: () => Promise.reject(new Error('away')) },
    }))
    expect(await refusalOf(away.server.introspect(asReports({ token })))).toBe('503 temporarily_unavailable')
    expect(await refusalOf(away.server.revoke(asReports({ token })))).toBe('503 temporarily_unavailable')
  })

  it('RFC 7009 §2 · D13 · opens an API and the introspection endpoint like any other', async () => {
    const machine = stranger({ introspect: 'any', scopes: { introspect: true } })
    const test = await createJwtTestServer([reports(), machine])
    const token = await tokenOf(test, 'read')
    const verdict = await test.server.verifyBearer({ authorization: `Bearer ${token}`, scopes: ['read'] })
    expect(verdict).toMatchObject({ ok: true, record: { clientId: 'reports', scopes: ['read'] } })
    const { access_token: own } = await test.server.token(asStranger(GRANT))
    const answer = await test.server.introspect({ authorization: `Bearer ${own}`, form: asReports({ token }).form })
    expect(answer).toMatchObject({ active: true, client_id: 'reports' })
  })

  it('RFC 7009 §2 · D13 · is known beside reference tokens, whatever the format of today', async () => {
    const jwt = await createJwtTestServer()
    const token = await tokenOf(jwt)
    const later = createTestServer(undefined, { signer: jwt.ring })
    expect(await later.server.introspect(asReports({ token }))).toMatchObject({ active: true })
    const opaque = await tokenOf(later)
    expect(opaque).toMatch(/^lk_at_/)
    expect(await later.server.introspect(asReports({ token: opaque }))).toMatchObject({ active: true })
  })

  it('RFC 7519 §11.2 · D13 · may be encrypted once it is signed, for those who share the key', async () => {
    for (const [alg, enc, bytes] of [
      ['dir', 'A128GCM', 16],
      ['A256KW', 'A256GCM', 32],
    ] as const) {
      const key = randomBytes(bytes)
      const accessTokenEncryption = { alg, enc, key: key.toString('base64url') }
      const test = await createJwtTestServer(undefined, { accessTokenEncryption })
      const token = await tokenOf(test)
      const { plaintext, protectedHeader } = await compactDecrypt(token, key)
      expect(protectedHeader).toMatchObject({ alg, enc, cty: 'JWT' })
      const inner = Buffer.from(plaintext).toString()
      expect(partsOf(inner)).toMatchObject({ header: { typ: 'at+jwt' }, payload: { client_id: 'reports' } })
      expect(await test.server.introspect(asReports({ token }))).toMatchObject({ active: true })
      // What is inside is not what was issued: whoever shows it has taken it out.
      expect(await test.server.introspect(asReports({ token: inner }))).toEqual(INACTIVE)
      await test.server.revoke(asReports({ token }))
      expect(await test.server.introspect(asReports({ token }))).toEqual(INACTIVE)
    }
  })
})
