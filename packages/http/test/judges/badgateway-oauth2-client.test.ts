import { OAuth2Client } from '@badgateway/oauth2-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type JudgedService, startJudgedService } from './judged-service.ts'

let service: JudgedService

beforeAll(async () => {
  service = await startJudgedService()
})

afterAll(() => service.close())

describe('@badgateway/oauth2-client', () => {
  it.each(['client_secret_basic', 'client_secret_basic_interop', 'client_secret_post'] as const)(
    'discovers, gets a token, has it introspected, and revokes it by %s',
    async (authenticationMethod) => {
      for (const { id, secret } of service.clients) {
        const client = new OAuth2Client({
          server: service.issuer,
          clientId: id,
          clientSecret: secret,
          authenticationMethod,
        })
        const token = await client.clientCredentials({ scope: ['read'] })
        expect(token.scope ?? ['read']).toEqual(['read'])
        expect(await client.introspect(token)).toMatchObject({ active: true, client_id: id })
        await client.revoke(token)
        expect(await client.introspect(token)).toEqual({ active: false })
      }
    },
  )
})
