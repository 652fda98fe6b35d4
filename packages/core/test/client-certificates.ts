import type { ClientCertificate } from '../src/index.ts'

/** What a certificate is to say. Its names are written as they stand; nobody has signed it. */
export interface CertificateSpecification {
  /** Parts of the subject, the most general first; each a list of object identifier, text and, if it is not UTF8String, tag. */
  readonly subject?: readonly (readonly (readonly [string, string | Uint8Array, number?])[])[]
  readonly dns?: readonly string[]
  readonly uris?: readonly string[]
  readonly addresses?: readonly (readonly number[])[]
  readonly emails?: readonly string[]
  /** Makes two that are alike in every name differ. */
  readonly serial?: number
}

const der = (tag: number, ...contents: readonly (Uint8Array | string)[]): Uint8Array => {
  const content = Buffer.concat(contents.map((part) => Buffer.from(part as string)))
  const { length } = content
  const lengths = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...lengths]), content])
}

function objectIdentifier(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number)
  const arcs = [first * 40 + second, ...others]
  const octets = arcs.flatMap((arc) => {
    const groups = [arc & 127]
    for (let rest = arc >>> 7; rest > 0; rest >>>= 7) groups.unshift((rest & 127) | 128)
    return groups
  })
  return der(0x06, Buffer.from(octets))
}

/** A certificate in DER as far as its names go. */
export function derOf({
  subject = [],
  dns,
  uris,
  addresses,
  emails,
  serial = 1,
}: CertificateSpecification): Uint8Array {
  const empty = der(0x30)
  const name = der(
    0x30,
    ...subject.map((part) =>
      der(0x31, ...part.map(([type, text, tag = 0x0c]) => der(0x30, objectIdentifier(type), der(tag, text)))),
    ),
  )
  const names = [
    ...(emails ?? []).map((email) => der(0x81, email)),
    ...(dns ?? []).map((host) => der(0x82, host)),
    ...(uris ?? []).map((uri) => der(0x86, uri)),
    ...(addresses ?? []).map((address) => der(0x87, Buffer.from(address))),
  ]
  const extension = der(0x30, objectIdentifier('2.5.29.17'), der(0x04, der(0x30, ...names)))
  const extensions = names.length === 0 ? [] : [der(0xa3, der(0x30, extension))]
  const fields = [
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([serial])),
    empty,
    empty,
    empty,
    name,
    empty,
  ]
  return der(0x30, der(0x30, ...fields, ...extensions), empty, der(0x03, Buffer.from([0])))
}

/** One that was verified, unless it is said otherwise. */
export const certificateOf = (specification: CertificateSpecification, isVerified = true): ClientCertificate => ({
  der: derOf(specification),
  isVerified,
})

export const COMMON_NAME = '2.5.4.3'
export const ORGANIZATION = '2.5.4.10'
export const UNIT = '2.5.4.11'

/** Made by OpenSSL, with names of every kind. */
export const MADE_BY_OPENSSL = `-----BEGIN CERTIFICATE-----
MIIC4TCCAoagAwIBAgIUEg7cuzQGlhcChjmxAN0X6z8ibA8wCgYIKoZIzj0EAwIw
gZUxCzAJBgNVBAYTAkRFMSAwHgYDVQQKDBdFeMOkbXBsZSwgSW5jLiArIFPDtmhu
ZTENMAsGA1UECwwESm9iczEQMA4GA1UECwwHTmlnaHRseTEfMB0GA1UEAwwWcmVw
b3J0cy9DTj1hZG1pbiwgT1U9eDEiMCAGCSqGSIb3DQEJARYTb3BzQFJlcG9ydHMu
ZXhhbXBsZTAgFw0yNjExMjQxNzQ2NTVaGA8yMTI2MTAzMTE3NDY1NVowgZUxCzAJ
BgNVBAYTAkRFMSAwHgYDVQQKDBdFeMOkbXBsZSwgSW5jLiArIFPDtmhuZTENMAsG
A1UECwwESm9iczEQMA4GA1UECwwHTmlnaHRseTEfMB0GA1UEAwwWcmVwb3J0cy9D
Tj1hZG1pbiwgT1U9eDEiMCAGCSqGSIb3DQEJARYTb3BzQFJlcG9ydHMuZXhhbXBs
ZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABEC58cf6ozbcfIA0LUf3QGI3mO8B
4KxOBdWQwZOR7I0qQdMxli/4SYJeRZvT7LRPHX/+mpicw/8g4SnFS9se1Vajga8w
gawwdgYDVR0RBG8wbYIPUmVwb3J0cy5leGFtcGxlgg4qLndpbGQuZXhhbXBsZYYd
c3BpZmZlOi8vZXhhbXBsZS9qb2JzL3JlcG9ydHOHBMAAAgeHECABDbgAAAAAAAAA
AAAAAAeBE09wc0BSZXBvcnRzLmV4YW1wbGUwEwYDVR0lBAwwCgYIKwYBBQUHAwIw
HQYDVR0OBBYEFDEARAta6ILGlXpUAiVSFnvKBztNMAoGCCqGSM49BAMCA0kAMEYC
IQD/O4BT0nl2L1WPp9DGl9O/efQxM0Su5Neb2uwdcCWcaQIhAIp95f0VNmlBaWkf
fDSgR/r8311gdsa+WhAo5rTiq+jD
-----END CERTIFICATE-----
`
