import type { SettingName } from './given-settings.ts'
import { addresses, FORWARDED_FORMS, flag, headerName, httpsOrigin, oneOf, type Setting, text } from './setting.ts'

type TlsSettingName = Extract<
  SettingName,
  | `LATCHKEY_TLS_${string}`
  | `LATCHKEY_FORWARDED_${string}`
  | 'LATCHKEY_TRUSTED_PROXIES'
  | 'LATCHKEY_MTLS_ORIGIN'
  | 'LATCHKEY_ALLOW_INSECURE_HTTP'
>

/** The settings of TLS: who encrypts, and whose certificates are believed. */
export const TLS_SETTINGS: Readonly<Record<TlsSettingName, Setting>> = {
  LATCHKEY_TLS_CERT: {
    value: '<path>',
    fallback: 'none, plain HTTP',
    meaning:
      'The certificate chain to serve https with: a PEM file, or PEM itself. A file that changes is read again within seconds, and so are the two below; connections stay.',
    read: text,
  },
  LATCHKEY_TLS_KEY: {
    value: '<path>',
    fallback: 'none',
    meaning: 'The private key of that certificate: a PEM file, or PEM itself.',
    read: text,
  },
  LATCHKEY_TLS_CLIENT_CA: {
    value: '<path>',
    fallback: 'none',
    meaning:
      'The certificate authorities whose certificates prove the names of clients (mutual TLS), roots included: a PEM file, or PEM itself. With it the service asks each connection for a certificate, and takes connections without one too.',
    read: text,
  },
  LATCHKEY_TLS_CLIENT_CERTIFICATES: {
    value: '<true or false>',
    fallback: '`true` with `LATCHKEY_TLS_CLIENT_CA`, else `false`',
    meaning:
      'Asks each connection for a certificate though there are no authorities: clients are known by certificates that they signed themselves, and no name in one proves anything.',
    read: flag,
  },
  LATCHKEY_TRUSTED_PROXIES: {
    value: '<addresses>',
    fallback: 'none',
    meaning:
      'Proxies in front, as addresses and CIDR blocks divided by commas. Their `X-Forwarded-*` is believed, and that of nobody else; what they forward must have reached them by https.',
    read: addresses,
  },
  LATCHKEY_FORWARDED_CLIENT_CERT: {
    value: '<form>',
    fallback: 'none: no such header is looked at',
    meaning:
      'How those proxies tell the certificate of a client: `rfc9440`, in `Client-Cert`; `envoy`, in `X-Forwarded-Client-Cert`; `nginx`, as `$ssl_client_escaped_cert` in `ssl-client-cert`. They must set that header with every request, or take it away.',
    read: oneOf(FORWARDED_FORMS),
  },
  LATCHKEY_FORWARDED_CLIENT_VERIFY: {
    value: '<header>',
    fallback: 'none: a certificate that is forwarded proves no name',
    meaning:
      'The header in which those proxies say `SUCCESS` when they have verified who issued that certificate, and anything else or nothing when they have not, such as `ssl-client-verify`. They must set it with every request, or take it away: a client that could send it would have any name.',
    read: headerName,
  },
  LATCHKEY_MTLS_ORIGIN: {
    value: '<origin>',
    fallback: 'none: clients show their certificates at the issuer',
    meaning:
      'Where clients that show a certificate are served, if elsewhere, such as `https://mtls.example.com`: the metadata tells them (`mtls_endpoint_aliases`).',
    read: httpsOrigin,
  },
  LATCHKEY_ALLOW_INSECURE_HTTP: {
    value: '<true or false>',
    fallback: '`false`',
    meaning: 'Answers plain HTTP from anybody though the issuer is https: secrets and tokens can be read on the way.',
    read: flag,
  },
}
