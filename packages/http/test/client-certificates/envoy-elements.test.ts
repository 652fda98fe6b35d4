import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { certificateOfEnvoy } from '../../src/client-certificates/envoy-elements.ts'
import { forwardedBy } from '../certified-clients.ts'
import { makeCertificate } from '../remote/made-certificate.ts'
import { CERT, KEY } from '../tls-key-pair.ts'

const OWN = { cert: CERT, key: KEY }
const other = await makeCertificate('DNS:other.example')

const elementOf = (made = OWN): string => forwardedBy('envoy', made)['x-forwarded-client-cert'] ?? ''
/** As Envoy writes it where it was told to give the certificate alone. */
const bare = (made = OWN): string => elementOf(made).replace(';URI=', '')
const [HASH = '', CERTIFICATE = ''] = elementOf().match(/Hash=[^;]*|Cert="[^"]*"/g) ?? []

const derOf = ({ cert }: { readonly cert: string }): Buffer => new X509Certificate(cert).raw

describe('X-Forwarded-Client-Cert', () => {
  it.each([
    ['one element', elementOf()],
    ['keys in any letters and any order', `cert${CERTIFICATE.slice(4)};SUBJECT="";hAsH${HASH.slice(4)}`],
    ['a hash in capitals', elementOf().replace(/Hash=([^;]*)/, (pair) => `Hash=${pair.slice(5).toUpperCase()}`)],
    ['names with separators in quotes', `${HASH};${CERTIFICATE};Subject="O=a\\\\\\",Cert=b;Hash=c, CN=d";DNS=a;DNS=b`],
    ['several hops, of which the last counts', `${bare(other)},${bare()}`],
    ['several hops, divided by a comma and a space', `${bare(other)}, ${elementOf()}`],
    ['hops that wrote no certificate', `By=a;Hash=b;Subject="CN=a,CN=b",By=c,${bare()}`],
  ])('gives the certificate of %s', (_, header) => {
    expect(Buffer.from(certificateOfEnvoy(header)).equals(derOf(OWN))).toBe(true)
  })

  it.each([
    ['a further element in a URI of the client', `${HASH};${CERTIFICATE};URI=spiffe://a,${bare(other)}`],
    ['a further element in a DNS name of the client', `${HASH};${CERTIFICATE};DNS=a,${bare(other)}`],
    ['a further certificate in a URI of the client', `${elementOf()};${bare(other)}`],
    ['a certificate in a URI, where the proxy gives none', `${HASH};URI=a;${/Cert="[^"]*"/.exec(bare(other))?.[0]}`],
    ['a hash and a certificate there', `${HASH};URI=a;${bare(other)}`],
    ['an element that a quote of the client has swallowed', `By=a;Subject=",${bare()}`],
    ['one that an escaped quote has', `Subject="\\,${bare()}`],
    ['something behind quotes', `${HASH};${CERTIFICATE}x`],
    ['quotes within a value', `${HASH};${CERTIFICATE};URI=a"b"`],
    ['quotes that do not end', `${HASH};${CERTIFICATE};Subject="a`],
    ['no certificate', HASH],
    ['no hash', CERTIFICATE],
    ['the hash of another', `${HASH};${/Cert="[^"]*"/.exec(bare(other))?.[0]}`],
    ['an empty element at the end', `${bare()},`],
    ['an empty pair', `${bare()};;By=a`],
    ['a key without a value', `${bare()};By`],
    ['nothing', ''],
    ['a certificate that is not escaped', `${HASH};Cert="${CERT.replaceAll('\n', ' ')}"`],
  ])('is refused with %s', (_, header) => {
    expect(() => certificateOfEnvoy(header)).toThrow(RangeError)
  })

  it('takes no longer for a long header than for its length', () => {
    const started = performance.now()
    for (const header of [
      'a='.repeat(8000),
      `a="${'\\'.repeat(15_999)}`,
      'a=;'.repeat(5000),
      `a=${','.repeat(16_000)}`,
    ])
      expect(() => certificateOfEnvoy(header)).toThrow(RangeError)
    expect(performance.now() - started).toBeLessThan(500)
  })
})
