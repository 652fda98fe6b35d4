import type { DistinguishedName, NameAttribute } from '../domain/distinguished-name.ts'
import { addressOfBytes } from '../domain/ip-address.ts'
import { type DerValue, readDer, readObjectIdentifier } from './der.ts'

/** The names in a certificate (RFC 5280 §4.1.2.6, §4.2.1.6). */
export interface CertificateNames {
  readonly subject: DistinguishedName
  readonly dns: readonly string[]
  readonly uris: readonly string[]
  /** Each in the one way of writing it. */
  readonly addresses: readonly string[]
  readonly emails: readonly string[]
}

const SEQUENCE = 0x30
const SET = 0x31
const OBJECT_IDENTIFIER = 0x06
const OCTET_STRING = 0x04
const VERSION = 0xa0
const EXTENSIONS = 0xa3
const SUBJECT_ALT_NAME = '2.5.29.17'

/** The choices of GeneralName that are texts or addresses: `rfc822Name`, `dNSName`, `uniformResourceIdentifier`, `iPAddress`. */
const GENERAL_NAMES = { email: 0x81, dns: 0x82, uri: 0x86, address: 0x87 } as const

/**
 * Reads the names in a certificate from its DER. Nothing is taken from a text in which somebody has put commas and slashes.
 *
 * @throws RangeError when it cannot be read.
 */
export function readCertificateNames(der: Uint8Array): CertificateNames {
  const [certificate] = readDer(der)
  const [toBeSigned] = partsOf(certificate, SEQUENCE)
  const fields = partsOf(toBeSigned, SEQUENCE)
  // RFC 5280 §4.1: serialNumber, signature, issuer, validity and then subject, behind a version that may be missing.
  const subject = fields[fields[0]?.tag === VERSION ? 5 : 4]
  const names = generalNamesIn(fields.find(({ tag }) => tag === EXTENSIONS))
  const textsOf = (kind: number): readonly string[] =>
    names.filter(({ tag }) => tag === kind).map(({ content }) => Buffer.from(content).toString('latin1'))
  return {
    subject: partsOf(subject, SEQUENCE).map((part) => partsOf(part, SET).map(attributeOf)),
    dns: textsOf(GENERAL_NAMES.dns),
    uris: textsOf(GENERAL_NAMES.uri),
    emails: textsOf(GENERAL_NAMES.email),
    addresses: names
      .filter(({ tag }) => tag === GENERAL_NAMES.address)
      .flatMap(({ content }) => addressOfBytes(content) ?? []),
  }
}

function generalNamesIn(extensions: DerValue | undefined): readonly DerValue[] {
  if (extensions === undefined) return []
  const [list] = readDer(extensions.content)
  const found = partsOf(list, SEQUENCE)
    .map((extension) => partsOf(extension, SEQUENCE))
    .filter(([id]) => id?.tag === OBJECT_IDENTIFIER && readObjectIdentifier(id.content) === SUBJECT_ALT_NAME)
  // RFC 5280 §4.2: a certificate has each extension once. Of two nobody could say which one counts.
  if (found.length > 1) throw new RangeError('the certificate has an extension twice')
  const value = found[0]?.at(-1)
  if (value === undefined) return []
  if (value.tag !== OCTET_STRING) throw new RangeError('the certificate cannot be read')
  const [names] = readDer(value.content)
  return partsOf(names, SEQUENCE)
}

function attributeOf(attribute: DerValue): NameAttribute {
  const [id, value] = partsOf(attribute, SEQUENCE)
  if (id?.tag !== OBJECT_IDENTIFIER || value === undefined) throw new RangeError('the certificate cannot be read')
  return {
    type: readObjectIdentifier(id.content),
    text: DECODERS[value.tag]?.(value.content),
    der: Buffer.from(value.encoded).toString('hex'),
  }
}

/** The kinds of text that have one meaning: UTF8String, NumericString, PrintableString, IA5String, BMPString. Others are compared as DER. */
const DECODERS: Readonly<Record<number, (content: Uint8Array) => string | undefined>> = {
  12: (content) => decoded('utf-8', content),
  18: ascii,
  19: ascii,
  22: ascii,
  30: (content) => decoded('utf-16le', Buffer.from(content.length % 2 === 0 ? content : []).swap16()),
}

function ascii(content: Uint8Array): string | undefined {
  return content.every((octet) => octet < 0x80) ? Buffer.from(content).toString('latin1') : undefined
}

function decoded(encoding: string, content: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(content)
  } catch {
    return undefined
  }
}

function partsOf(value: DerValue | undefined, tag: number): readonly DerValue[] {
  if (value?.tag !== tag) throw new RangeError('the certificate cannot be read')
  return readDer(value.content)
}
