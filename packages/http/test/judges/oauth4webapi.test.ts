import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type JudgedService, startJudgedService } from './judged-service.ts'

let service: JudgedService
let as: oauth.AuthorizationServer
// The issuer of the test is http on this machine.
const options = { [oauth.allowInsecureRequests]: true }

beforeAll(async () => {
  service = await startJudgedService()
})

afterAll(() => service.close())

describe('oauth4webapi', () => {
  it.each(['oauth2', 'oidc'] as const)('discovers the server by the algorithm %s', async (algorithm) => {
    const issuer = new URL(service.issuer)
    const response = await oauth.discoveryRequest(issuer, { algorithm, ...options })
    as = await oauth.processDiscoveryResponse(issuer, response)
    expect(as.issuer).toBe(service.issuer)
  })

  describe.each([
    ['client_secret_basic', oauth.ClientSecretBasic],
    ['client_secret_post', oauth.ClientSecretPost],
  ])('by %s', (_name, authenticate) => {
    it('gets a token, has it introspected, and revokes it', async () => {
      for (const { id, secret } of service.clients) {
        const client: oauth.Client = { client_id: id }
        const auth = authenticate(secret)
        const token = await oauth.processClientCredentialsResponse(
          as,
          client,
          await oauth.clientCredentialsGrantRequest(as, client, auth, { scope: 'read' }, options),
        )
        expect(token).toMatchObject({ token_type: 'bearer', scope: 'read', expires_in: 3600 })
        const introspect = async () =>
          oauth.processIntrospectionResponse(
            as,
            client,
            await oauth.introspectionRequest(as, client, auth, token.access_token, options),
          )
        expect(await introspect()).toMatchObject({ active: true, client_id: id, scope: 'read', iss: service.issuer })
        await oauth.processRevocationResponse(
          await oauth.revocationRequest(as, client, auth, token.access_token, options),
        )
        expect(await introspect()).toEqual({ active: false })
      }
    })

    it('is told in its own terms that a secret is wrong', async () => {
      const client: oauth.Client = { client_id: 'generated' }
      const response = await oauth.clientCredentialsGrantRequest(as, client, authenticate('wrong'), {}, options)
      await expect(oauth.processClientCredentialsResponse(as, client, response)).rejects.toMatchObject({ status: 401 })
    })
  })
})
