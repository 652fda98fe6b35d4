import { X509Certificate } from 'node:crypto'
import { generateSecret } from '@latchkey/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTokenVerifier } from '../src/index.ts'
import {
  fetchFrom,
  type MadeCertificate,
  makeCertificate,
  type SecureClient,
  secureClientOf,
} from './client-certificate.ts'
import { type ClientKey, makeClientKey, proofFor } from './dpop-client.ts'
import { listening, withExpress, withFastify } from './secure-mounts.ts'
import { type StartedService, startedService } from './started-service.ts'
import { API } from './test-issuer.ts'

const reports = generateSecret()
let server: MadeCertificate
let own: MadeCertificate
let key: ClientKey
let thief: ClientKey
/** Who has the certificate of the tokens, another one, and none. */
let [holder, stranger, nobody]: SecureClient[] = []

beforeAll(async () => {
  const other = await makeCertificate()
  ;[server, own, key, thief] = await Promise.all([
    makeCertificate(),
    makeCertificate(),
    makeClientKey(),
    makeClientKey(),
  ])
  holder = secureClientOf(server, own)
  stranger = secureClientOf(server, other)
  nobody = secureClientOf(server, undefined)
})
afterAll(() => {
  for (const client of [holder, stranger, nobody]) client?.close()
})

const now = (): number => Math.floor(Date.now() / 1000)

/** The service with TLS, and two clients whose tokens are bound: one to its certificate, one to its key. */
function startedSecurely(settings: Record<string, string>): Promise<StartedService> {
  const { publicKey, raw } = new X509Certificate(own.cert)
  const keys = [{ ...publicKey.export({ format: 'jwk' }), x5c: [raw.toString('base64')] }]
  return startedService(
    {
      LATCHKEY_TLS_CERT: server.cert,
      LATCHKEY_TLS_KEY: server.key,
      LATCHKEY_TLS_CLIENT_CERTIFICATES: 'true',
      ...settings,
    },
    {
      fetch: fetchFrom(server) as typeof fetch,
      others: {
        certified: {
          token_endpoint_auth_method: 'self_signed_tls_client_auth',
          tls_client_certificate_bound_access_tokens: true,
          jwks: { keys },
          scope: 'sales:read',
        },
        proving: { client_secret_hash: reports.hash, dpop_bound_access_tokens: true, scope: 'sales:read' },
      },
    },
  )
}

describe.each([
  ['opaque, by introspection', {}, 'only'],
  ['self-contained, by their signature', { LATCHKEY_ACCESS_TOKEN_FORMAT: 'jwt' }, undefined],
  ['self-contained, by signature and introspection', { LATCHKEY_ACCESS_TOKEN_FORMAT: 'jwt' }, 'always'],
] as const)('bound tokens of our own service: %s', (_format, settings, mode) => {
  let started: StartedService
  let tokens: { readonly certificate: string; readonly key: string }
  let types: readonly (string | undefined)[]

  async function tokenOf(client: SecureClient | undefined, headers: Record<string, string>, form = {}) {
    const asked = await client?.post(`${started.issuer}/oauth2/token`, headers, {
      grant_type: 'client_credentials',
      ...form,
    })
    const { access_token, token_type } = JSON.parse(asked?.body ?? '') as Readonly<Record<string, string>>
    return [token_type, access_token ?? ''] as const
  }

  beforeAll(async () => {
    started = await startedSecurely(settings)
    const [bearer, certificate] = await tokenOf(holder, {}, { client_id: 'certified' })
    const htu = `${started.issuer}/oauth2/token`
    const [proven, bound] = await tokenOf(nobody, {
      authorization: `Basic ${btoa(`proving:${reports.secret}`)}`,
      dpop: await proofFor(key, '', { htm: 'POST', htu, iat: now(), ath: undefined }),
    })
    types = [bearer, proven]
    tokens = { certificate, key: bound }
  })
  afterAll(() => started.service.close())

  const verifier = () =>
    createTokenVerifier({
      issuer: started.issuer,
      audience: API,
      fetch: fetchFrom(server),
      mutualTls: {},
      dpop: {},
      boundTokensOnly: true,
      ...(mode && {
        introspection: { clientId: 'sales-api', clientSecret: started.secrets['sales-api'], mode, cacheSeconds: 0 },
      }),
    })

  it('are of the types that say how they are shown', () => {
    expect(types).toEqual(['Bearer', 'DPoP'])
  })

  it.each([
    ['Fastify', withFastify],
    ['Express', withExpress],
  ])('pass from their holders, and from nobody else: %s', async (_mount, mount) => {
    const { url, close } = await listening(mount, verifier(), server)
    const ask = async (client: SecureClient | undefined, headers: Record<string, string>) => {
      const answer = await client?.get(url, headers)
      return [answer?.status, answer?.status === 200 ? JSON.parse(answer.body) : undefined]
    }
    const proof = (by: ClientKey, token: string) => proofFor(by, token, { iat: now() })
    const refused = [401, undefined]

    const bearer = { authorization: `Bearer ${tokens.certificate}` }
    expect(await ask(holder, bearer)).toEqual([200, { x5tS256: own.thumbprint }])
    for (const client of [stranger, nobody]) expect(await ask(client, bearer)).toEqual(refused)
    const certificateByKey = { authorization: `DPoP ${tokens.certificate}`, dpop: await proof(key, tokens.certificate) }
    expect(await ask(holder, certificateByKey)).toEqual(refused)

    const authorization = `DPoP ${tokens.key}`
    const dpop = await proof(key, tokens.key)
    expect(await ask(nobody, { authorization, dpop })).toEqual([200, { jkt: key.jkt }])
    for (const wrong of [
      { authorization, dpop },
      { authorization },
      { authorization, dpop: await proof(thief, tokens.key) },
      { authorization, dpop: await proof(key, tokens.certificate) },
      { authorization: `Bearer ${tokens.key}` },
      { authorization: `Bearer ${tokens.key}`, dpop: await proof(key, tokens.key) },
    ])
      for (const client of [nobody, holder]) expect(await ask(client, wrong)).toEqual(refused)

    expect(await ask(holder, { authorization: `Bearer ${await started.tokenOf()}` })).toEqual(refused)
    close()
  })

  it('pass no more once they are revoked, where the issuer is asked about them', async () => {
    const [, token] = await tokenOf(holder, {}, { client_id: 'certified' })
    const { url, close } = await listening(withFastify, verifier(), server)
    const statusOf = async () => (await holder?.get(url, { authorization: `Bearer ${token}` }))?.status
    expect(await statusOf()).toBe(200)
    const revoked = await holder?.post(`${started.issuer}/oauth2/revoke`, {}, { client_id: 'certified', token })
    expect(revoked?.status).toBe(200)
    expect(await statusOf()).toBe(mode === undefined ? 200 : 401)
    close()
  })
})
