import { X509Certificate } from 'node:crypto'

const PEM = /^\s*-----BEGIN CERTIFICATE-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END CERTIFICATE-----\s*$/

/**
 * The bytes of base64 that is written in the one way there is.
 *
 * @throws RangeError for any other text.
 */
export function bytesOfBase64(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length === 0 || bytes.toString('base64') !== text) throw new RangeError('it is no base64')
  return bytes
}

/**
 * The DER of one certificate in PEM that was escaped for a URL, each octet that could mean something to a proxy.
 *
 * @throws RangeError for anything else.
 */
export function derOfEscapedPem(text: string): Uint8Array {
  if (!/^(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})+$/.test(text)) throw new RangeError('it is not escaped')
  let pem: string
  try {
    pem = decodeURIComponent(text)
  } catch {
    throw new RangeError('its escapes are no text')
  }
  const [, base64] = PEM.exec(pem) ?? []
  if (base64 === undefined) throw new RangeError('it is not one certificate in PEM')
  return checkedDer(bytesOfBase64(base64.replaceAll(/[\r\n]/g, '')))
}

/**
 * The same bytes, when they are one certificate and nothing behind it: whoever hashes them and whoever reads them must have
 * the same before them.
 *
 * @throws RangeError for anything else.
 */
export function checkedDer(bytes: Uint8Array): Uint8Array {
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(bytes)
  } catch {
    throw new RangeError('it is no certificate')
  }
  if (!certificate.raw.equals(bytes)) throw new RangeError('it is more than a certificate')
  return bytes
}
