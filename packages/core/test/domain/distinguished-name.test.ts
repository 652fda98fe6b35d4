import { describe, expect, it } from 'vitest'
import { parseDistinguishedName } from '../../src/domain/distinguished-name.ts'
import { addressOfBytes, canonicalAddress } from '../../src/domain/ip-address.ts'

const shown = (text: string) =>
  parseDistinguishedName(text)?.map((part) => part.map(({ type, text: value, der }) => `${type}=${value ?? `#${der}`}`))

describe('parseDistinguishedName', () => {
  // The first eight are the examples of RFC 4514 §4.
  it.each([
    [
      'UID=jsmith,DC=example,DC=net',
      [
        ['0.9.2342.19200300.100.1.25=net'],
        ['0.9.2342.19200300.100.1.25=example'],
        ['0.9.2342.19200300.100.1.1=jsmith'],
      ],
    ],
    [
      'OU=Sales+CN=J.  Smith,DC=example',
      [['0.9.2342.19200300.100.1.25=example'], ['2.5.4.11=Sales', '2.5.4.3=J.  Smith']],
    ],
    ['CN=James \\"Jim\\" Smith\\, III', [['2.5.4.3=James "Jim" Smith, III']]],
    ['CN=Before\\0dAfter', [['2.5.4.3=Before\rAfter']]],
    ['1.3.6.1.4.1.1466.0=#04024869', [['1.3.6.1.4.1.1466.0=#04024869']]],
    ['CN=Lu\\C4\\8Di\\C4\\87', [['2.5.4.3=Lu\u010di\u0107']]],
    ['cn=a', [['2.5.4.3=a']]],
    ['2.5.4.3=a', [['2.5.4.3=a']]],
    ['CN=', [['2.5.4.3=']]],
    ['CN=a=b', [['2.5.4.3=a=b']]],
    ['CN=\\ a\\ ', [['2.5.4.3= a ']]],
    ['CN=\\#a', [['2.5.4.3=#a']]],
    ['CN=\u010d\u{1f512}', [['2.5.4.3=\u010d\u{1f512}']]],
    ['CN=#0C0161', [['2.5.4.3=#0c0161']]],
  ])('reads %s', (text, parts) => {
    expect(shown(text)).toEqual(parts)
  })

  it.each([
    '',
    'a',
    'CN',
    'CN=a,',
    'CN=a+',
    ',CN=a',
    'CN=a,,CN=b',
    'CN=a, O=b',
    'CN=a ,O=b',
    'CN= a',
    'CN=a ',
    'CN =a',
    'CN="a"',
    'CN=a;O=b',
    'CN=a<b',
    'CN=a\\',
    'CN=a\\zz',
    'CN=\\ff',
    'CN=#',
    'CN=#0',
    'CN=#0c01gg',
    'CN=#0c0161x',
    'NOBODYKNOWS=a',
    'constructor=a',
    '1.02=a',
    '/C=DE/CN=a',
    'CN=a\u0000b',
  ])('refuses %j', (text) => {
    expect(parseDistinguishedName(text)).toBeUndefined()
  })
})

describe('canonicalAddress', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['2001:DB8:0:0:0:0:0:1', '[2001:db8::1]'],
    ['::ffff:192.0.2.1', '[::ffff:c000:201]'],
    ['192.0.2', undefined],
    ['192.0.2.1.', undefined],
    ['192.0.2.01', undefined],
    ['192.0.2.256', undefined],
    ['0xc0.0.2.1', undefined],
    ['3221225985', undefined],
    ['fe80::1%eth0', undefined],
    ['2001:db8::1::', undefined],
    ['example', undefined],
    ['', undefined],
  ])('writes %s in one way', (text, written) => {
    expect(canonicalAddress(text)).toBe(written)
  })

  it('is the one of the bytes too, which are four or sixteen', () => {
    expect(addressOfBytes(Buffer.from('20010db8000000000000000000000001', 'hex'))).toBe('[2001:db8::1]')
    expect(addressOfBytes(Uint8Array.of(192, 0, 2, 1))).toBe('192.0.2.1')
    expect(addressOfBytes(Buffer.from('00000000000000000000ffffc0000201', 'hex'))).toBe('[::ffff:c000:201]')
    expect(addressOfBytes(Uint8Array.of(192, 0, 2, 1, 255, 255, 255, 255))).toBeUndefined()
  })
})
