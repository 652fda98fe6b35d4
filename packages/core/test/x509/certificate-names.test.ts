import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { hasName, parseDistinguishedName } from '../../src/domain/distinguished-name.ts'
import { readCertificateNames } from '../../src/x509/certificate-names.ts'
import { COMMON_NAME, derOf, MADE_BY_OPENSSL } from '../client-certificates.ts'

const real = new X509Certificate(MADE_BY_OPENSSL).raw

describe('the names in a certificate', () => {
  it('are those that OpenSSL wrote into it, each of its kind', () => {
    const { subject, ...others } = readCertificateNames(real)
    expect(others).toEqual({
      dns: ['Reports.example', '*.wild.example'],
      uris: ['spiffe://example/jobs/reports'],
      addresses: ['192.0.2.7', '[2001:db8::7]'],
      emails: ['Ops@Reports.example'],
    })
    expect(subject.map((part) => part.map(({ type, text }) => `${type}=${text}`))).toEqual([
      ['2.5.4.6=DE'],
      ['2.5.4.10=Ex\u00e4mple, Inc. + S\u00f6hne'],
      ['2.5.4.11=Jobs'],
      ['2.5.4.11=Nightly'],
      ['2.5.4.3=reports/CN=admin, OU=x'],
      ['1.2.840.113549.1.9.1=ops@Reports.example'],
    ])
  })

  it('are what OpenSSL prints of them as RFC 4514', () => {
    const printed =
      'emailAddress=ops@Reports.example,CN=reports/CN=admin\\, OU=x,OU=Nightly,OU=Jobs,O=Ex\\C3\\A4mple\\, Inc. \\+ S\\C3\\B6hne,C=DE'
    const registered = parseDistinguishedName(printed)
    expect(registered && hasName(readCertificateNames(real).subject, registered)).toBe(true)
  })

  it('are those of the other kinds of text too, and of none that can be read in several ways', () => {
    const textOf = (tag: number, value: string | Uint8Array) =>
      readCertificateNames(derOf({ subject: [[[COMMON_NAME, value, tag]]] })).subject[0]?.[0]?.text
    expect(textOf(0x13, 'printable')).toBe('printable')
    expect(textOf(0x16, 'ia5')).toBe('ia5')
    expect(textOf(0x1e, Buffer.from('\u0000b\u0000m\u0020\u0000', 'latin1'))).toBe('bm\u2000')
    expect(textOf(0x1e, Buffer.from([0]))).toBe('')
    expect(textOf(0x14, 'teletex')).toBeUndefined()
    expect(textOf(0x0c, Buffer.from([0xff]))).toBeUndefined()
    expect(textOf(0x13, Buffer.from([0xe9]))).toBeUndefined()
  })

  it('cannot be read of anything that is cut off or altered in its lengths, and nothing else is thrown', () => {
    for (let end = 0; end < real.length; end += 7)
      expect(() => readCertificateNames(real.subarray(0, end))).toThrow(RangeError)
    for (let at = 0; at < 200; at += 1) {
      const altered = Buffer.from(real)
      altered[at] = 0xff
      try {
        readCertificateNames(altered)
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError)
      }
    }
  })
})
