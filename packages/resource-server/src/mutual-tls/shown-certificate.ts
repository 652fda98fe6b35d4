import { certificateThumbprintOf } from '@latchkey/core'
import type { CarriedRequest } from '../carried-request.ts'
import { type Checked, refused } from '../verified-token.ts'
import type { ResolvedMutualTls } from './mutual-tls-options.ts'

/** Where the certificate of a client may be known from. */
export interface CertificateTransport {
  /** The certificate in DER, where the program that asks knows it already. */
  readonly certificate?: Uint8Array | undefined
  /** The request as the program got it: what `mutualTls.certificateOf` is given. */
  readonly request?: CarriedRequest | undefined
}

/** The thumbprint of the certificate that came with a request, or why there is none. */
export async function readShownCertificate(
  { certificate, request }: CertificateTransport,
  { certificateOf }: ResolvedMutualTls,
): Promise<Checked<string>> {
  try {
    const der = certificate ?? (request === undefined ? undefined : await certificateOf(request))
    if (der === undefined) return refused('the token is bound to a certificate, and was shown without one')
    // A text, and PEM in bytes, have a digest as well, which is never that of the certificate.
    if (!(der instanceof Uint8Array) || der[0] !== SEQUENCE) return refused('the certificate of the client is not DER')
    return { ok: true, value: certificateThumbprintOf(der) }
  } catch (error) {
    return refused(
      `the certificate of the client cannot be read: ${error instanceof Error ? error.message : 'what is no error was thrown'}`,
    )
  }
}

/** What every certificate in DER begins with (RFC 5280 §4.1). */
const SEQUENCE = 0x30
