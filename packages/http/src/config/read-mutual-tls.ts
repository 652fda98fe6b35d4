import { CERTIFICATE_HEADERS, type ForwardedCertificates } from '../client-certificates/forwarded-certificate.ts'
import type { TlsSettings } from '../server/tls-context.ts'
import type { GivenSettings } from './settings.ts'

/** How the service learns of the certificates of clients (RFC 8705). */
export interface MutualTlsSettings {
  /** Where clients that show one are served, if not at the issuer. */
  readonly origin: string | undefined
  /** Absent where no proxy forwards them. */
  readonly forwarded: ForwardedCertificates | undefined
  /** Whether there is anybody whose word a name in a certificate can be believed by. */
  readonly provesNames: boolean
}

/** `undefined` where no certificate can arrive. Settings that then mean nothing are complained of. */
export function mutualTlsOf(
  given: GivenSettings,
  tls: TlsSettings | undefined,
  complain: (problem: string) => void,
): MutualTlsSettings | undefined {
  const { LATCHKEY_FORWARDED_CLIENT_CERT: form, LATCHKEY_FORWARDED_CLIENT_VERIFY: verifyHeader } = given
  const { LATCHKEY_MTLS_ORIGIN: origin, LATCHKEY_TRUSTED_PROXIES: proxies = [] } = given
  if (form !== undefined && proxies.length === 0)
    complain('LATCHKEY_FORWARDED_CLIENT_CERT needs LATCHKEY_TRUSTED_PROXIES: nobody else is believed')
  if (verifyHeader !== undefined && form === undefined)
    complain('LATCHKEY_FORWARDED_CLIENT_VERIFY needs LATCHKEY_FORWARDED_CLIENT_CERT')
  if (verifyHeader !== undefined && CERTIFICATE_HEADERS.includes(verifyHeader))
    complain('LATCHKEY_FORWARDED_CLIENT_VERIFY must not be a header that holds a certificate')
  const asks = tls?.clientCertificates !== undefined
  // Whether a wrong setting would have been one was complained of already.
  const isMeantTo = given.LATCHKEY_TLS_CLIENT_CA !== undefined || given.LATCHKEY_TLS_CLIENT_CERTIFICATES === true
  if (!asks && form === undefined) {
    if (origin !== undefined && !isMeantTo)
      complain(
        'LATCHKEY_MTLS_ORIGIN needs LATCHKEY_TLS_CLIENT_CA, LATCHKEY_TLS_CLIENT_CERTIFICATES or LATCHKEY_FORWARDED_CLIENT_CERT: no certificate can arrive',
      )
    return undefined
  }
  const provesNames = tls?.clientCertificates?.ca !== undefined || verifyHeader !== undefined
  return { origin, forwarded: form && { form, verifyHeader }, provesNames }
}
