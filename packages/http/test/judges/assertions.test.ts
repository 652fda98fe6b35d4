import { createSecretSeal, generateSecret } from '@latchkey/core'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config/read-config.ts'
import { createRemoteDocuments } from '../../src/remote/remote-documents.ts'
import { asserting, assertionOf } from '../client-assertions.ts'
import { type ClientKey, makeClientKey } from '../dpop-proofs.ts'
import { registeredClient } from '../registered-client.ts'
import { type HostileHost, startHostileHost } from '../remote/hostile-host.ts'
import { FORM } from '../test-server.ts'
import { CERT, KEY } from '../tls-key-pair.ts'
import { type JudgedService, startJudgedService } from './judged-service.ts'
import { createTrustingFetch } from './trusting-fetch.ts'

/** `EdDSA` is the name that Ed25519 had before RFC 9864: these libraries write it where they are told to. */
const ALGORITHMS = ['ES256', 'PS256', 'RS256', 'Ed25519', 'EdDSA'] as const
type Algorithm = (typeof ALGORITHMS)[number]

const CLIENTS = ['registered', 'published'] as const

const PROOFS = [
  ['without DPoP', undefined],
  ['with DPoP', { requireNonce: false }],
  ['with DPoP and a nonce', { requireNonce: true }],
] as const

const trusting = createTrustingFetch()
const trusted = { [oauth.customFetch]: trusting.fetch as never }
const { secret } = generateSecret()
const seal = createSecretSeal({ masterKey: 'A'.repeat(43) })

let keys: Readonly<Record<Algorithm, ClientKey>>
let proofKey: oauth.CryptoKeyPair
let host: HostileHost
/** A service that asks for nonces, and one that asks for none. */
let services: readonly [JudgedService, JudgedService]

/** Documents as the settings have the service fetch them, from a host of this machine that shows a certificate of its own. */
function documentsFrom({ ca }: HostileHost) {
  const settings = {
    LATCHKEY_ISSUER: 'http://localhost:4000',
    LATCHKEY_REMOTE_CA: 'ca.pem',
    LATCHKEY_DANGEROUSLY_ALLOW_PRIVATE_ADDRESSES: '127.0.0.1',
  }
  return createRemoteDocuments(readConfig(settings, () => ca).remoteDocuments)
}

beforeAll(async () => {
  const made = await Promise.all(
    ALGORITHMS.map(async (alg) => [alg, await makeClientKey(alg === 'EdDSA' ? 'Ed25519' : alg)] as const),
  )
  keys = Object.fromEntries(made) as Record<Algorithm, ClientKey>
  proofKey = await oauth.generateKeyPair('ES256')
  const jwks = { keys: made.map(([kid, { jwk }]) => ({ ...jwk, kid })) }
  host = await startHostileHost((_request, response) => {
    response.setHeader('content-type', 'application/jwk-set+json').end(JSON.stringify(jwks))
  })
  const method = { token_endpoint_auth_method: 'private_key_jwt', scope: 'read' }
  const others = await Promise.all([
    registeredClient('registered', { ...method, jwks }),
    registeredClient('published', { ...method, jwks_uri: `https://127.0.0.1:${host.port}/keys` }),
    registeredClient('legacy', { ...method, jwks, legacy_assertion_audience: true }),
    registeredClient(
      'secretive',
      { token_endpoint_auth_method: 'client_secret_jwt', client_secret: secret, scope: 'read' },
      seal,
    ),
  ])
  const start = (requireNonce: boolean, maxAssertionLifetime?: number) =>
    startJudgedService(
      { dpop: { requireNonce }, remoteDocuments: documentsFrom(host), secretSeal: seal, maxAssertionLifetime },
      others,
      { cert: CERT, key: KEY },
    )
  services = [await start(false), await start(true, 3600)]
})

afterAll(async () => {
  for (const service of services) await service.close()
  await host.close()
  await trusting.close()
})

const serviceFor = (dpop: { readonly requireNonce: boolean } | undefined) => services[dpop?.requireNonce ? 1 : 0]

/** A library whose user says with which key, and under which name of the algorithm. */
interface AssertingLibrary<Auth> {
  PrivateKeyJwt(key: oauth.CryptoKey | oauth.PrivateKey, options?: oauth.ModifyAssertionOptions): Auth
  ClientSecretJwt(secret: string): Auth
}

/** What each way of authentication is, for a library that writes its own assertions. */
const methodsOf = <Auth>(library: AssertingLibrary<Auth>) => [
  ...CLIENTS.flatMap((id) =>
    ALGORITHMS.map((alg) => {
      const own = {
        [oauth.modifyAssertion]: (header: Record<string, unknown>) => void Object.assign(header, { alg }),
      }
      const authenticate = () => library.PrivateKeyJwt({ key: keys[alg].privateKey, kid: alg }, own)
      return [`PrivateKeyJwt, ${alg}, ${id} keys`, id as string, authenticate] as const
    }),
  ),
  ['PrivateKeyJwt without a kid', 'registered', () => library.PrivateKeyJwt(keys.ES256.privateKey)] as const,
  ['ClientSecretJwt', 'secretive', () => library.ClientSecretJwt(secret)] as const,
]

describe('oauth4webapi', () => {
  const discovered = async (service: JudgedService): Promise<oauth.AuthorizationServer> => {
    const issuer = new URL(service.issuer)
    const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...trusted })
    return oauth.processDiscoveryResponse(issuer, response)
  }

  describe.each(PROOFS)('%s', (_proof, dpop) => {
    it.each(methodsOf(oauth))(
      'RFC 7523 §2.2 · C20, C26, C30 · gets a token, has it introspected, and revokes it: %s',
      async (_method, id, authenticate) => {
        const as = await discovered(serviceFor(dpop))
        const client: oauth.Client = { client_id: id }
        const auth = authenticate()
        const DPoP = dpop && oauth.DPoP(client, proofKey)
        const ask = async () =>
          oauth.processClientCredentialsResponse(
            as,
            client,
            await oauth.clientCredentialsGrantRequest(
              as,
              client,
              auth,
              { scope: 'read' },
              { ...(DPoP && { DPoP }), ...trusted },
            ),
          )
        // The library leaves it to its user to ask again with the nonce that it has taken from the refusal.
        if (dpop?.requireNonce) expect(oauth.isDPoPNonceError(await ask().catch((error: unknown) => error))).toBe(true)
        const token = await ask()
        expect(token).toMatchObject({ token_type: dpop ? 'dpop' : 'bearer', scope: 'read' })
        const introspect = async () =>
          oauth.processIntrospectionResponse(
            as,
            client,
            await oauth.introspectionRequest(as, client, auth, token.access_token, trusted),
          )
        expect(await introspect()).toMatchObject({ active: true, client_id: id })
        await oauth.processRevocationResponse(
          await oauth.revocationRequest(as, client, auth, token.access_token, trusted),
        )
        expect(await introspect()).toEqual({ active: false })
      },
    )
  })

  it('RFC 8414 §2 · K5 · finds the methods and their algorithms in the metadata', async () => {
    const as = await discovered(services[0])
    expect(as.token_endpoint_auth_methods_supported).toEqual(
      expect.arrayContaining(['private_key_jwt', 'client_secret_jwt']),
    )
    for (const endpoint of ['token', 'introspection', 'revocation'] as const)
      expect(as[`${endpoint}_endpoint_auth_signing_alg_values_supported`]).toEqual(
        expect.arrayContaining([...ALGORITHMS, 'HS256']),
      )
  })

  it.each([
    ['PrivateKeyJwt', 'registered', async () => oauth.PrivateKeyJwt((await oauth.generateKeyPair('ES256')).privateKey)],
    ['ClientSecretJwt', 'secretive', async () => oauth.ClientSecretJwt(`${secret}.`)],
    ['ClientSecretJwt for a client with keys', 'registered', async () => oauth.ClientSecretJwt(secret)],
    ['PrivateKeyJwt for a client with a secret', 'secretive', async () => oauth.PrivateKeyJwt(keys.ES256.privateKey)],
  ] as const)(
    'RFC 7523 §3.2 · C28, C33 · is told in its own terms that a key is wrong: %s',
    async (_title, id, authenticate) => {
      const as = await discovered(services[0])
      const client: oauth.Client = { client_id: id }
      const response = await oauth.clientCredentialsGrantRequest(as, client, await authenticate(), {}, trusted)
      await expect(oauth.processClientCredentialsResponse(as, client, response)).rejects.toMatchObject({ status: 401 })
    },
  )
})

describe('openid-client', () => {
  describe.each(PROOFS)('%s', (_proof, dpop) => {
    it.each(methodsOf(openid))(
      'RFC 7523 §2.2 · C20, C26, C30 · gets a token, has it introspected, and revokes it: %s',
      async (_method, id, authenticate) => {
        const service = serviceFor(dpop)
        const config = await openid.discovery(new URL(service.issuer), id, undefined, authenticate(), {
          algorithm: 'oauth2',
          [openid.customFetch]: trusting.fetch as never,
        })
        const DPoP = dpop && openid.getDPoPHandle(config, proofKey)
        // It asks again by itself when it is told a nonce.
        const token = await openid.clientCredentialsGrant(config, { scope: 'read' }, { ...(DPoP && { DPoP }) })
        expect(token).toMatchObject({ token_type: dpop ? 'dpop' : 'bearer', scope: 'read' })
        expect(await openid.tokenIntrospection(config, token.access_token)).toMatchObject({
          active: true,
          client_id: id,
          token_type: dpop ? 'DPoP' : 'Bearer',
        })
        await openid.tokenRevocation(config, token.access_token)
        expect(await openid.tokenIntrospection(config, token.access_token)).toEqual({ active: false })
      },
    )
  })
})

describe('what other libraries send', () => {
  const ask = async (service: JudgedService, body: string): Promise<number> => {
    const headers = { 'content-type': FORM }
    return (await trusting.fetch(`${service.issuer}/oauth2/token`, { method: 'POST', headers, body })).status
  }
  const now = () => Math.floor(Date.now() / 1000)

  /** As the libraries write it, by what their sources say. */
  const LIBRARIES: readonly (readonly [string, (tokenEndpoint: string) => object, Record<string, unknown>])[] = [
    ['Spring Security', (aud) => ({ aud, iat: now(), exp: now() + 60 }), { kid: 'RS256' }],
    ['a library that writes a list', (aud) => ({ aud: [aud], iat: now(), exp: now() + 60 }), {}],
    ['Authlib, told to be brief', (aud) => ({ aud, iat: now(), exp: now() + 300 }), { typ: 'JWT' }],
  ]

  it.each(LIBRARIES)(
    'RFC 7523 §3 · C23, D5 · lets a client in that is registered for it, and no other: %s',
    async (_library, claimsFor, header) => {
      const [service] = services
      const claims = { ...claimsFor(`${service.issuer}/oauth2/token`) }
      const from = async (id: string) =>
        ask(service, asserting(await assertionOf(keys.RS256, id, service.issuer, claims, header), { client_id: id }))
      expect(await from('legacy')).toBe(200)
      expect(await from('registered')).toBe(401)
    },
  )

  it('RFC 7523 §3 · C24 · lets Authlib in, whose assertions live an hour, where the operator allows as much', async () => {
    const statusAt = async (service: JudgedService) => {
      const claims = { aud: `${service.issuer}/oauth2/token`, iat: now(), exp: now() + 3600 }
      return ask(service, asserting(await assertionOf(keys.RS256, 'legacy', service.issuer, claims, { typ: 'JWT' })))
    }
    expect(await statusAt(services[0])).toBe(401)
    expect(await statusAt(services[1])).toBe(200)
  })

  it('RFC 7523 §3 · C22, C23 · lets jose in with nothing but what must be there', async () => {
    const [service] = services
    const body = asserting(await assertionOf(keys.Ed25519, 'registered', service.issuer, { iat: undefined }))
    expect(await ask(service, body)).toBe(200)
    expect(await ask(service, body)).toBe(401)
  })
})
