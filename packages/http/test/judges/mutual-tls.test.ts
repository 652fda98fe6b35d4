import { createAuthorizationServer } from '@latchkey/core'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CertifiedClients, certificatesOf } from '../certified-clients.ts'
import { listen } from '../hosts.ts'
import type { MadeCertificate } from '../remote/made-certificate.ts'
import { openStorageUnderTest, type StorageUnderTest } from '../storages/storage-under-test.ts'
import { CERT, KEY } from '../tls-key-pair.ts'
import { thumbprintOf } from '../tls-requests.ts'
import { freePort } from './free-port.ts'
import { createTrustingFetch } from './trusting-fetch.ts'

let made: CertifiedClients
let storage: StorageUnderTest
const closing: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  made = await certificatesOf()
  storage = await openStorageUnderTest()
  for (const client of made.clients)
    await storage.clients.add({ ...client, tlsClientCertificateBoundAccessTokens: true })
})

afterAll(async () => {
  for (const close of closing) await close()
  await storage.remove()
  await made.remove()
})

/** A service that asks for certificates where its issuer is; or one that asks at another port alone, which it names. */
async function startedIssuer(hasAliases: boolean): Promise<string> {
  const [port, mtlsPort] = [await freePort(), await freePort()]
  const issuer = `https://localhost:${port}`
  const { clients, tokens } = storage
  const mutualTls = { origin: hasAliases ? `https://localhost:${mtlsPort}` : undefined }
  const server = createAuthorizationServer({ issuer, clients, tokens, mutualTls })
  const plain = { cert: CERT, key: KEY }
  const asking = { ...plain, clientCertificates: { ca: made.ca } }
  const app = await listen(server, { tls: hasAliases ? plain : asking }, undefined, port)
  const aliases = hasAliases ? await listen(server, { tls: asking }, undefined, mtlsPort) : undefined
  closing.push(app.close, async () => aliases?.close(), server.close)
  return issuer
}

/** `fetch` as of a program that has a certificate for its connections. */
function fetchWith(shown: MadeCertificate): typeof fetch {
  const trusting = createTrustingFetch(shown)
  closing.push(trusting.close)
  return trusting.fetch
}

const CLIENTS = [
  ['by-subject', 'named'],
  ['by-dns', 'named'],
  ['self-signed', 'selfSigned'],
] as const

describe.each([
  ['where its issuer is', false],
  ['by mtls_endpoint_aliases', true],
])('a client with a certificate, %s', (_, use_mtls_endpoint_aliases) => {
  let issuer: string
  beforeAll(async () => {
    issuer = await startedIssuer(use_mtls_endpoint_aliases)
  })

  it.each(CLIENTS)(
    'gets a token as %s, has it introspected, and revokes it, by oauth4webapi',
    async (client_id, its) => {
      const options = { [oauth.customFetch]: fetchWith(made[its]) as never }
      const url = new URL(issuer)
      const as = await oauth.processDiscoveryResponse(
        url,
        await oauth.discoveryRequest(url, { algorithm: 'oauth2', ...options }),
      )
      const client: oauth.Client = { client_id, use_mtls_endpoint_aliases }
      const auth = oauth.TlsClientAuth()
      const token = await oauth.processClientCredentialsResponse(
        as,
        client,
        await oauth.clientCredentialsGrantRequest(as, client, auth, { scope: 'read' }, options),
      )
      const introspect = async () =>
        oauth.processIntrospectionResponse(
          as,
          client,
          await oauth.introspectionRequest(as, client, auth, token.access_token, options),
        )
      const cnf = { 'x5t#S256': thumbprintOf(made[its]) }
      expect(await introspect()).toMatchObject({ active: true, client_id, cnf })
      await oauth.processRevocationResponse(
        await oauth.revocationRequest(as, client, auth, token.access_token, options),
      )
      expect(await introspect()).toEqual({ active: false })
    },
  )

  it.each(CLIENTS)('does so as %s by openid-client', async (clientId, its) => {
    const config = await openid.discovery(
      new URL(issuer),
      clientId,
      { use_mtls_endpoint_aliases },
      openid.TlsClientAuth(),
      { algorithm: 'oauth2', [openid.customFetch]: fetchWith(made[its]) as never },
    )
    const { access_token: token } = await openid.clientCredentialsGrant(config, { scope: 'read' })
    const cnf = { 'x5t#S256': thumbprintOf(made[its]) }
    expect(await openid.tokenIntrospection(config, token)).toMatchObject({ active: true, client_id: clientId, cnf })
    await openid.tokenRevocation(config, token)
    expect(await openid.tokenIntrospection(config, token)).toEqual({ active: false })
  })

  it('is told in its own terms that its certificate is another’s', async () => {
    const config = await openid.discovery(
      new URL(issuer),
      'by-subject',
      { use_mtls_endpoint_aliases },
      openid.TlsClientAuth(),
      { algorithm: 'oauth2', [openid.customFetch]: fetchWith(made.otherNamed) as never },
    )
    await expect(openid.clientCredentialsGrant(config)).rejects.toMatchObject({ status: 401 })
  })
})
