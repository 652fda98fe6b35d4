import { describe, expect, it } from 'vitest'
import { formOf, type GeneratedSecret } from '../../src/index.ts'
import { asReports, createTestServer, NOW, REPORTS, reports, STRANGER, stranger, tokenOf } from '../test-server.ts'

describe('what introspection tells of custom claims', () => {
  it('is what the hook added, and none of it stands in the place of what the server says', async () => {
    const test = createTestServer(undefined, {
      claims: ({ client, scopes }) => ({ tenant: `${client.id}/${scopes.length}`, sub: 'root', exp: 1 }),
    })
    const token = await tokenOf(test, 'read')
    expect(await test.server.introspect(asReports({ token }))).toEqual({
      active: true,
      scope: 'read',
      client_id: 'reports',
      token_type: 'Bearer',
      exp: NOW + 3600,
      iat: NOW,
      sub: 'reports',
      aud: 'https://auth.example.com',
      iss: 'https://auth.example.com',
      jti: [...test.tokens.keys()][0],
      tenant: 'reports/1',
    })
    expect(await test.events()).toMatchObject([
      { type: 'claims_ignored', clientId: 'reports', names: ['sub', 'exp'] },
      { type: 'token_issued', clientId: 'reports', credentialId: REPORTS.credentialId },
    ])
  })

  it('is nothing that a record says in the place of the server, whoever wrote it', async () => {
    const test = createTestServer()
    const { value, record } = await test.server.createToken({
      client: [...test.clients.values()][0] as never,
      scopes: ['read'],
    })
    await test.server.storeToken({
      record: {
        ...record,
        claims: {
          active: false,
          sub: 'root',
          iss: 'x',
          jti: 'y',
          aud: 'z',
          exp: 0,
          iat: 0,
          client_id: 'w',
          token_type: 'v',
          scope: 'u',
        },
      },
    })
    expect(await test.server.introspect(asReports({ token: value }))).toMatchObject({
      active: true,
      sub: 'reports',
      iss: 'https://auth.example.com',
      jti: record.id,
      exp: record.expiresAt,
      iat: record.issuedAt,
      client_id: 'reports',
      token_type: 'Bearer',
      scope: 'read',
    })
  })

  it('keeps names that every object has', async () => {
    const claims = JSON.parse('{"__proto__":{"admin":true},"constructor":"x"}') as Record<string, string>
    const test = createTestServer(undefined, { claims: () => claims })
    const answer = await test.server.introspect(asReports({ token: await tokenOf(test) }))
    expect(JSON.stringify(answer)).toContain('"__proto__":{"admin":true},"constructor":"x"')
    expect((answer as { admin?: unknown }).admin).toBeUndefined()
  })
})

describe('the client of a token', () => {
  it('is looked up once where it is the one that asks, and once more where it is another', async () => {
    const test = createTestServer([reports(), stranger({ introspect: 'any' })])
    const token = await tokenOf(test)
    const introspect = async (id: string, { secret }: GeneratedSecret) => {
      test.asked.length = 0
      const authorization = `Basic ${btoa(`${id}:${secret}`)}`
      const { active } = await test.server.introspect({ authorization, form: formOf({ token }) })
      return { active, asked: test.asked.filter((call) => call.startsWith('clients')) }
    }
    const own = ['clients.find reports']
    expect(await introspect('reports', REPORTS)).toEqual({ active: true, asked: own })
    const others = ['clients.find stranger', 'clients.find reports']
    expect(await introspect('stranger', STRANGER)).toEqual({ active: true, asked: others })
    test.clients.set('reports', reports({ enabled: false }))
    expect(await introspect('stranger', STRANGER)).toEqual({ active: false, asked: others })
    test.clients.delete('reports')
    expect(await introspect('stranger', STRANGER)).toEqual({ active: false, asked: others })
  })
})
