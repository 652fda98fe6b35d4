import { generateKeyPairSync } from 'node:crypto'
import { calculateJwkThumbprint } from 'jose'
import { describe, expect, it } from 'vitest'
import { thumbprintOf } from '../../src/jose/thumbprint.ts'

describe('the thumbprint of a key', () => {
  it.each([
    [
      'RFC 7638 §3.1',
      {
        kty: 'RSA',
        n: '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
        e: 'AQAB',
        alg: 'RS256',
        kid: '2011-04-29',
      },
      'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
    ],
    [
      'RFC 8037 A.3',
      { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
      'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
    ],
    [
      'RFC 9449 §6.1',
      {
        kty: 'EC',
        x: 'l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs',
        y: '9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA',
        crv: 'P-256',
      },
      '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I',
    ],
  ])('is that of the example in %s', (_, key, thumbprint) => {
    expect(thumbprintOf(key)).toBe(thumbprint)
  })

  it.each([
    ['P-256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['P-384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' })],
    ['P-521', () => generateKeyPairSync('ec', { namedCurve: 'P-521' })],
    ['Ed25519', () => generateKeyPairSync('ed25519')],
    ['RSA', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ])('is the one that others make of a key of the kind %s', async (_, generate) => {
    const members = generate().publicKey.export({ format: 'jwk' }) as Record<string, string>
    expect(thumbprintOf(members)).toBe(await calculateJwkThumbprint(members, 'sha256'))
  })

  it.each([
    ['a secret', { kty: 'oct', k: 'c2VjcmV0' }],
    ['no type', { crv: 'P-256', x: 'x', y: 'y' }],
    ['the name of what every object has', { kty: 'constructor' }],
    ['half a point', { kty: 'EC', crv: 'P-256', x: 'x' }],
    ['an empty modulus', { kty: 'RSA', n: '', e: 'AQAB' }],
  ])('is made of no key that is %s', (_, key) => {
    expect(() => thumbprintOf(key)).toThrow(TypeError)
  })
})
