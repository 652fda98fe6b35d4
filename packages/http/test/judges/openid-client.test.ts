import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type JudgedService, startJudgedService } from './judged-service.ts'

let service: JudgedService

beforeAll(async () => {
  service = await startJudgedService()
})

afterAll(() => service.close())

describe('openid-client', () => {
  it.each([
    ['oauth2', client.ClientSecretBasic],
    ['oauth2', client.ClientSecretPost],
    ['oidc', client.ClientSecretBasic],
  ] as const)('discovers by %s, gets a token, has it introspected, and revokes it', async (algorithm, authenticate) => {
    for (const { id, secret } of service.clients) {
      const config = await client.discovery(new URL(service.issuer), id, undefined, authenticate(secret), {
        algorithm,
        // The issuer of the test is http on this machine.
        execute: [client.allowInsecureRequests],
      })
      const { access_token, ...token } = await client.clientCredentialsGrant(config, { scope: 'read write' })
      expect(token).toMatchObject({ token_type: 'bearer', scope: 'read write' })
      expect(await client.tokenIntrospection(config, access_token)).toMatchObject({ active: true, client_id: id })
      await client.tokenRevocation(config, access_token)
      expect(await client.tokenIntrospection(config, access_token)).toEqual({ active: false })
    }
  })
})
