import { ClientCredentials } from 'simple-oauth2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type JudgedService, startJudgedService } from './judged-service.ts'

let service: JudgedService

beforeAll(async () => {
  service = await startJudgedService()
})

afterAll(() => service.close())

/** It knows neither discovery nor introspection; what it has is run in each of its ways to encode credentials. */
describe('simple-oauth2', () => {
  it.each([
    ['header', 'strict'],
    ['header', 'loose'],
    ['body', 'strict'],
  ] as const)(
    'gets a token and revokes it, with credentials in the %s, encoded %s',
    async (authorizationMethod, mode) => {
      for (const { id, secret } of service.clients) {
        const client = new ClientCredentials({
          client: { id, secret },
          auth: { tokenHost: service.issuer, tokenPath: '/oauth2/token', revokePath: '/oauth2/revoke' },
          // RFC 7009 §2.2: the answer to a revocation is empty. By default this client wants JSON there too.
          http: { json: true },
          options: { authorizationMethod, credentialsEncodingMode: mode },
        })
        const accessToken = await client.getToken({ scope: 'read' })
        expect(accessToken.token).toMatchObject({ token_type: 'Bearer', scope: 'read', expires_in: 3600 })
        expect(accessToken.expired()).toBe(false)
        await accessToken.revoke('access_token')
        expect(await isActive(accessToken.token['access_token'] as string)).toBe(false)
      }
    },
  )
})

async function isActive(token: string): Promise<boolean> {
  const [{ id, secret } = { id: '', secret: '' }] = service.clients
  const answer = await fetch(`${service.issuer}/oauth2/introspect`, {
    method: 'POST',
    body: new URLSearchParams({ token, client_id: id, client_secret: secret }),
  })
  return ((await answer.json()) as { readonly active: boolean }).active
}
