import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as oauth from 'oauth4webapi'
import { afterEach, describe, expect, it } from 'vitest'
import { basic, FORM } from '../test-server.ts'
import { type JudgedKeys, startJudgedKeys } from './judged-keys.ts'

let service: JudgedKeys

afterEach(() => service.close())

// The issuer of the test is http on this machine.
const insecure = { [oauth.allowInsecureRequests]: true }

const ALGORITHMS = ['ES256', 'EdDSA', 'RS256', 'PS256'] as const

describe.each(ALGORITHMS)('a signed answer of introspection by %s', (alg) => {
  it('RFC 9701 §5 · I10 · is taken and verified by oauth4webapi, for a good token and for a bad one', async () => {
    service = await startJudgedKeys(alg)
    const issuer = new URL(service.issuer)
    const discovered = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
    const as = await oauth.processDiscoveryResponse(issuer, discovered)
    const { id, secret } = service.client
    const client: oauth.Client = { client_id: id, introspection_signed_response_alg: alg }

    const introspect = async (token: string) => {
      const auth = oauth.ClientSecretBasic(secret)
      const response = await oauth.introspectionRequest(as, client, auth, token, {
        requestJwtResponse: true,
        ...insecure,
      })
      expect(response.headers.get('content-type')).toBe('application/token-introspection+jwt')
      expect(response.headers.get('cache-control')).toBe('no-store')
      const answer = await oauth.processIntrospectionResponse(as, client, response)
      await oauth.validateApplicationLevelSignature(as, response, insecure)
      return answer
    }
    expect(await introspect(await service.token())).toMatchObject({ active: true, client_id: id, iss: service.issuer })
    expect(await introspect('garbage')).toEqual({ active: false })
  })

  it('RFC 8725 §3.11 · F10 · is not taken by jose for an access token', async () => {
    service = await startJudgedKeys(alg)
    const { id, secret } = service.client
    const response = await fetch(`${service.issuer}/oauth2/introspect`, {
      method: 'POST',
      headers: {
        authorization: basic(id, secret),
        'content-type': FORM,
        accept: 'application/token-introspection+jwt',
      },
      body: `token=${await service.token()}`,
    })
    const keys = createRemoteJWKSet(new URL(`${service.issuer}/.well-known/jwks.json`))
    const answer = await response.text()
    await expect(jwtVerify(answer, keys, { typ: 'at+jwt' })).rejects.toThrow('"typ"')
    await expect(jwtVerify(answer, keys, { typ: 'token-introspection+jwt', audience: id })).resolves.toBeDefined()
  })
})
