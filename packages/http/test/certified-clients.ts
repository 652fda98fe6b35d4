import { createHash, X509Certificate } from 'node:crypto'
import { type Client, defineClient, generateSecret } from '@latchkey/core'
import { makeAuthority } from './made-authority.ts'
import type { MadeCertificate } from './remote/made-certificate.ts'

/** Clients that are known by certificates, and certificates of all kinds. */
export interface CertifiedClients {
  readonly clients: readonly Client[]
  /** The authorities for clients. */
  readonly ca: string
  /** The secret of the client `bound`, whose tokens are bound to whatever certificate it shows. */
  readonly boundSecret: string
  /** That of `by-subject` and `by-dns`. */
  readonly named: MadeCertificate
  readonly otherNamed: MadeCertificate
  /** As `named`, by an authority that has the same name. */
  readonly ofOthers: MadeCertificate
  readonly expired: MadeCertificate
  readonly forServers: MadeCertificate
  /** That of `self-signed`. */
  readonly selfSigned: MadeCertificate
  /** Like it in every name. */
  readonly alike: MadeCertificate
  /** With the names of `named`, signed by itself. */
  readonly forged: MadeCertificate
  /** `named` in PEM, with more octets behind it. */
  readonly withMoreBehind: string
  remove(): Promise<void>
}

const NAMED = { subject: '/O=Example/CN=reports', names: ['DNS:reports.example'] }

export async function certificatesOf(): Promise<CertifiedClients> {
  const [authority, others] = await Promise.all([makeAuthority('clients'), makeAuthority('clients')])
  const [named, otherNamed, expired, forServers, ofOthers, selfSigned, alike, forged] = await Promise.all([
    authority.issue(NAMED),
    authority.issue({ subject: '/O=Example/CN=reports2', names: ['DNS:reports2.example'] }),
    authority.issue({ ...NAMED, isExpired: true }),
    authority.issue({ ...NAMED, usage: 'serverAuth' }),
    others.issue(NAMED),
    authority.signItself({ subject: '/CN=itself' }),
    authority.signItself({ subject: '/CN=itself' }),
    authority.signItself(NAMED),
  ])
  const secret = generateSecret()
  const policy = { scopes: { read: true }, introspect: 'own' } as const
  const byName = (id: string, name: object) =>
    defineClient({
      id,
      ...policy,
      tokenEndpointAuthMethod: 'tls_client_auth',
      credentials: [{ kind: 'tls_client_auth', id: 'name', ...name }],
    })
  const { raw, publicKey } = new X509Certificate(selfSigned.cert)
  const key = { ...publicKey.export({ format: 'jwk' }), x5c: [raw.toString('base64')] }
  return {
    clients: [
      byName('by-subject', { subjectDn: 'CN=reports,O=Example' }),
      byName('by-dns', { sanDns: 'reports.example' }),
      defineClient({
        id: 'self-signed',
        ...policy,
        tokenEndpointAuthMethod: 'self_signed_tls_client_auth',
        credentials: [{ kind: 'jwks', id: 'keys', keys: [key as never] }],
      }),
      defineClient({
        id: 'bound',
        ...policy,
        tlsClientCertificateBoundAccessTokens: true,
        credentials: [{ kind: 'secret', id: secret.credentialId, hash: secret.hash }],
      }),
    ],
    ca: authority.ca,
    boundSecret: secret.secret,
    named,
    otherNamed,
    ofOthers,
    expired,
    forServers,
    selfSigned,
    alike,
    forged,
    withMoreBehind: pemOf(Buffer.concat([new X509Certificate(named.cert).raw, Buffer.from([5, 0])])),
    async remove() {
      await authority.remove()
      await others.remove()
    },
  }
}

const pemOf = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`

/** Fields of a request. */
export type ForwardedRequest = Readonly<Record<string, string>>

/** What a proxy sets. Of a text with several certificates all of it, where the form is PEM. */
export function forwardedBy(form: 'rfc9440' | 'envoy' | 'nginx', { cert }: MadeCertificate): ForwardedRequest {
  const escaped = encodeURIComponent(cert)
  if (form === 'nginx') return { 'ssl-client-cert': escaped }
  const [base64 = ''] = cert
    .split(/-----[A-Z ]+-----/)
    .map((part) => part.replaceAll(/\s/g, ''))
    .filter((part) => part !== '')
  if (form === 'rfc9440') return { 'client-cert': `:${base64}:` }
  const hash = createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex')
  const element = `By=spiffe://mesh/proxy;Hash=${hash};Cert="${escaped}";Subject="CN=a,O=\\"b\\"";URI=`
  return { 'x-forwarded-client-cert': element }
}
