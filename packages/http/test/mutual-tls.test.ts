import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { lookAtMutualTls } from '../src/doctor/look-at-mutual-tls.ts'
import { StartRefused } from '../src/start-refused.ts'
import { latchkey } from './cli/latchkey.ts'
import { sendTo } from './hosts.ts'
import { type MadeAuthority, makeAuthority } from './made-authority.ts'
import { makeCertificate } from './remote/made-certificate.ts'
import { startedService } from './started-service.ts'
import { CERT, KEY } from './tls-key-pair.ts'
import { keysOf } from './tls-requests.ts'

let directory: string
let authority: MadeAuthority
let selfSigned: object

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'latchkey-mutual-tls-'))
  authority = await makeAuthority('clients')
  selfSigned = keysOf(await makeCertificate('DNS:itself.example'))
})
afterAll(async () => {
  await rm(directory, { recursive: true })
  await authority.remove()
})

const TLS = { LATCHKEY_ISSUER: 'https://localhost:4000', LATCHKEY_TLS_CERT: CERT, LATCHKEY_TLS_KEY: KEY }
const SELF_SIGNED_ONLY = { ...TLS, LATCHKEY_TLS_CLIENT_CERTIFICATES: 'true' }
const NGINX = { LATCHKEY_TRUSTED_PROXIES: '127.0.0.1', LATCHKEY_FORWARDED_CLIENT_CERT: 'nginx' }
const SWITCHES = 'LATCHKEY_TLS_CLIENT_CA, LATCHKEY_TLS_CLIENT_CERTIFICATES or LATCHKEY_FORWARDED_CLIENT_CERT'

const CLIENTS: Readonly<Record<string, () => object>> = {
  named: () => ({ token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_san_dns: 'a.example' }),
  itself: () => ({ token_endpoint_auth_method: 'self_signed_tls_client_auth', jwks: selfSigned }),
  bound: () => ({ client_secret: 'a secret that is bound', tls_client_certificate_bound_access_tokens: true }),
}

async function fileOf(...ids: readonly string[]): Promise<string> {
  const path = join(directory, `${ids.join('-')}.json`)
  await writeFile(path, JSON.stringify(Object.fromEntries(ids.map((id) => [id, CLIENTS[id]?.()]))))
  return path
}

async function problemsOf(environment: Record<string, string>): Promise<unknown> {
  try {
    const { service } = await startedService(environment)
    await service.close()
    return 'it started'
  } catch (error) {
    return error instanceof StartRefused ? error.problems : error
  }
}

describe('a client of the clients file that needs a certificate', () => {
  it('stands by name in the way of a start where none arrives', async () => {
    const file = await fileOf('named', 'itself', 'bound')
    const told = (id: string, why: string) =>
      `LATCHKEY_CLIENTS_FILE: ${file}: client "${id}": ${why}, and none arrives without ${SWITCHES}`
    for (const environment of [TLS, {}, { LATCHKEY_TRUSTED_PROXIES: '127.0.0.1' }] as Record<string, string>[])
      expect(await problemsOf({ ...environment, LATCHKEY_CLIENTS_FILE: file })).toEqual([
        told('named', 'it authenticates by a certificate'),
        told('itself', 'it authenticates by a certificate'),
        told('bound', 'its tokens are bound to a certificate'),
      ])
  })

  it('does so where none that arrives proves a name, if it is known by one', async () => {
    const file = await fileOf('named', 'itself', 'bound')
    for (const environment of [SELF_SIGNED_ONLY, NGINX])
      expect(await problemsOf({ ...environment, LATCHKEY_CLIENTS_FILE: file })).toEqual([
        `LATCHKEY_CLIENTS_FILE: ${file}: client "named": it authenticates by the name in a certificate, and nobody verifies one without LATCHKEY_TLS_CLIENT_CA or LATCHKEY_FORWARDED_CLIENT_VERIFY`,
      ])
    const others = await fileOf('itself', 'bound')
    for (const environment of [SELF_SIGNED_ONLY, NGINX])
      expect(await problemsOf({ ...environment, LATCHKEY_CLIENTS_FILE: others })).toBe('it started')
  })

  it('is served where both do', async () => {
    const file = { LATCHKEY_CLIENTS_FILE: await fileOf('named', 'itself', 'bound') }
    expect(await problemsOf({ ...TLS, ...file, LATCHKEY_TLS_CLIENT_CA: authority.ca })).toBe('it started')
    expect(await problemsOf({ ...NGINX, ...file, LATCHKEY_FORWARDED_CLIENT_VERIFY: 'verified' })).toBe('it started')
  })
})

describe('the metadata of the service', () => {
  const metadataOf = async (environment: Record<string, string>) => {
    const { service, port } = await startedService(environment)
    onTestFinished(() => service.close())
    const { body } = await sendTo(port, { method: 'GET', path: '/.well-known/oauth-authorization-server' })
    return JSON.parse(body) as Readonly<Record<string, unknown>>
  }

  it('offers certificates where they can arrive, and nowhere else', async () => {
    expect(await metadataOf(NGINX)).toMatchObject({
      token_endpoint_auth_methods_supported: expect.arrayContaining(['tls_client_auth', 'self_signed_tls_client_auth']),
      tls_client_certificate_bound_access_tokens: true,
    })
    const without = await metadataOf({})
    expect(without['token_endpoint_auth_methods_supported']).not.toContain('tls_client_auth')
    expect(without).not.toHaveProperty('tls_client_certificate_bound_access_tokens')
  })

  it('names another origin for them where there is one', async () => {
    expect(await metadataOf(NGINX)).not.toHaveProperty('mtls_endpoint_aliases')
    expect(await metadataOf({ ...NGINX, LATCHKEY_MTLS_ORIGIN: 'https://mtls.example.com' })).toMatchObject({
      mtls_endpoint_aliases: { token_endpoint: 'https://mtls.example.com/oauth2/token' },
    })
  })
})

describe('latchkey doctor', () => {
  const doctor = async (environment: Record<string, string>) => {
    const { out } = await latchkey(['doctor', '--json'], { environment })
    const { checks } = JSON.parse(out) as { readonly checks: readonly { readonly check: string }[] }
    return checks.filter(({ check }) => check === 'mutual_tls' || check === 'clients_file')
  }

  it('finds clients that need certificates which never arrive', async () => {
    const file = { LATCHKEY_CLIENTS_FILE: await fileOf('named', 'itself') }
    expect(await doctor({ ...TLS, ...file })).toMatchObject([
      { check: 'clients_file', status: 'wrong', message: expect.stringMatching(/^client "named"/) },
      { check: 'clients_file', status: 'wrong', message: expect.stringMatching(/^client "itself"/) },
    ])
    expect(await doctor({ ...TLS, ...file, LATCHKEY_TLS_CLIENT_CA: authority.ca })).toMatchObject([
      {
        check: 'mutual_tls',
        status: 'warning',
        message: expect.stringMatching(/^the authority for clients .* expires at/),
      },
      { check: 'clients_file', status: 'ok' },
    ])
  })

  it('says that nothing proves a name, and who could forward anything', async () => {
    expect(await doctor(SELF_SIGNED_ONLY)).toMatchObject([{ status: 'ok', message: expect.stringMatching(/no name/) }])
    const everybody = { LATCHKEY_TRUSTED_PROXIES: '10.0.0.1,::/0', LATCHKEY_FORWARDED_CLIENT_VERIFY: 'verified' }
    expect(await doctor({ ...NGINX, ...everybody })).toMatchObject([
      { status: 'warning', message: expect.stringMatching(/^LATCHKEY_TRUSTED_PROXIES trusts every address/) },
    ])
  })

  it('looks at each authority', async () => {
    const leaf = await authority.issue({ subject: '/CN=leaf' })
    const look = (ca: string, days: number) => [
      ...lookAtMutualTls(
        {
          tls: { cert: CERT, key: KEY, clientCertificates: { ca } },
          mutualTls: { origin: undefined, forwarded: undefined, provesNames: true },
          trustedProxies: [],
        },
        Date.now() + days * 86_400_000,
      ),
    ]
    expect(look(authority.ca, 0)).toMatchObject([{ status: 'warning', message: expect.stringMatching(/expires at/) }])
    expect(look(authority.ca, 3)).toMatchObject([{ status: 'wrong', message: expect.stringMatching(/has expired at/) }])
    expect(look(authority.ca, -3)).toMatchObject([
      { status: 'wrong', message: expect.stringMatching(/does not count/) },
    ])
    expect(look(CERT + leaf.cert, 0)).toMatchObject([
      { status: 'ok' },
      { status: 'warning', message: expect.stringMatching(/is no certificate authority/) },
    ])
  })
})
