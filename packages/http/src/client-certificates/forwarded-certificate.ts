import type { IncomingMessage } from 'node:http'
import { type ClientCertificate, OAuthError } from '@latchkey/core'
import type { ForwardedForm } from '../config/setting.ts'
import { bytesOfBase64, checkedDer, derOfEscapedPem } from './certificate-bytes.ts'
import { certificateOfEnvoy } from './envoy-elements.ts'

/** How trusted proxies tell the certificates of clients. */
export interface ForwardedCertificates {
  readonly form: ForwardedForm
  /** The header in which they say that they have verified one, in lower case; without it none proves a name. */
  readonly verifyHeader: string | undefined
}

/** A form in which proxies tell of a certificate. */
interface Form {
  readonly header: string
  /** The DER; `undefined` where the header says that there is none. @throws RangeError */
  readonly read: (value: string) => Uint8Array | undefined
}

const FORMS: Readonly<Record<ForwardedForm, Form>> = {
  rfc9440: { header: 'client-cert', read: certificateOfByteSequence },
  envoy: { header: 'x-forwarded-client-cert', read: certificateOfEnvoy },
  // nginx leaves out a header whose value is empty; what is built like it may send it.
  nginx: { header: 'ssl-client-cert', read: (value) => (value === '' ? undefined : derOfEscapedPem(value)) },
}

/** The headers that hold certificates, of which none can say whether one was verified. */
export const CERTIFICATE_HEADERS: readonly string[] = Object.values(FORMS).map(({ header }) => header)

/** The word of nginx for it, which others can be told to say. */
const VERIFIED = 'SUCCESS'

/**
 * Reads the certificate that a proxy forwards with a request. Whether the proxy may be believed is known to the caller.
 *
 * @returns a function that throws OAuthError `invalid_request` for a header in several lines, and for one that cannot be read.
 */
export function createForwardedCertificates({
  form,
  verifyHeader,
}: ForwardedCertificates): (request: Pick<IncomingMessage, 'rawHeaders'>) => ClientCertificate | undefined {
  const { header, read } = FORMS[form]
  const readOnce = remembering(read)
  return ({ rawHeaders }) => {
    const value = onlyLine(rawHeaders, header)
    const verified = verifyHeader === undefined ? undefined : onlyLine(rawHeaders, verifyHeader)
    if (value === undefined) return undefined
    const der = readOrRefuse(readOnce, value)
    return der && { der, isVerified: verified === VERIFIED }
  }
}

/** So many clients show the same certificate again and again. */
const REMEMBERED = 500

/** Reading one takes as long as signing a token. What a header holds never changes; whether it is verified is said anew. */
function remembering(read: Form['read']): Form['read'] {
  const known = new Map<string, Uint8Array | undefined>()
  return (value) => {
    const before = known.get(value)
    if (before !== undefined) return before
    const der = read(value)
    if (known.size >= REMEMBERED) known.clear()
    known.set(value, der)
    return der
  }
}

function readOrRefuse(read: Form['read'], value: string): Uint8Array | undefined {
  try {
    return read(value)
  } catch (error) {
    if (error instanceof RangeError) throw unreadable(`the certificate that a proxy forwards: ${error.message}`)
    throw error
  }
}

/** A proxy that adds a line to what a client sent has not taken that away; which of them is its own nobody can tell. */
function onlyLine(rawHeaders: readonly string[], wanted: string): string | undefined {
  let found: string | undefined
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string
    if (name.length !== wanted.length || name.toLowerCase() !== wanted) continue
    if (found !== undefined) throw unreadable(`${wanted} was sent more than once`)
    found = rawHeaders[index + 1] ?? ''
  }
  return found
}

const unreadable = (reason: string): OAuthError =>
  new OAuthError('invalid_request', 'the forwarded client certificate cannot be read', { reason })

/** RFC 9440 §2.1: DER as a byte sequence of structured fields, base64 between colons. */
function certificateOfByteSequence(value: string): Uint8Array {
  const [, base64] = /^:([A-Za-z0-9+/=]+):$/.exec(value) ?? []
  if (base64 === undefined) throw new RangeError('it is not one byte sequence')
  return checkedDer(bytesOfBase64(base64))
}
