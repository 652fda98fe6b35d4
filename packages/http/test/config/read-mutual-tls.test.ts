import { describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config/read-config.ts'
import { StartRefused } from '../../src/start-refused.ts'
import { CERT, KEY } from '../tls-key-pair.ts'

const FILES: Readonly<Record<string, string>> = { '/run/ca.pem': `the authorities\n${CERT}and\n${CERT.trim()}` }

function readFile(path: string): string {
  const content = FILES[path]
  if (content === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' })
  return content
}

const TLS = { LATCHKEY_TLS_CERT: CERT, LATCHKEY_TLS_KEY: KEY }
const PROXIES = { LATCHKEY_TRUSTED_PROXIES: '10.0.0.1' }
const NGINX = { ...PROXIES, LATCHKEY_FORWARDED_CLIENT_CERT: 'nginx' }

const read = (environment: Record<string, string>) => readConfig(environment, readFile)

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    read(environment)
  } catch (error) {
    if (error instanceof StartRefused) return error.problems
    throw error
  }
  throw new Error('it was accepted')
}

describe('mutual TLS', () => {
  it('is off unless it is switched on', () => {
    for (const environment of [{}, TLS, PROXIES, { ...TLS, LATCHKEY_TLS_CLIENT_CERTIFICATES: 'false' }]) {
      const { tls, mutualTls } = read(environment)
      expect([tls?.clientCertificates, mutualTls]).toEqual([undefined, undefined])
    }
  })

  it.each([
    ['authorities in a file', { LATCHKEY_TLS_CLIENT_CA: '/run/ca.pem' }, FILES['/run/ca.pem'], true],
    ['authorities in PEM', { LATCHKEY_TLS_CLIENT_CA: CERT }, CERT, true],
    [
      'authorities by a file that holds them',
      { LATCHKEY_TLS_CLIENT_CA_FILE: '/run/ca.pem' },
      FILES['/run/ca.pem'],
      true,
    ],
    ['the word alone', { LATCHKEY_TLS_CLIENT_CERTIFICATES: 'true' }, undefined, false],
    ['both', { LATCHKEY_TLS_CLIENT_CERTIFICATES: 'true', LATCHKEY_TLS_CLIENT_CA: CERT }, CERT, true],
  ])('is switched on at the own listener by %s', (_, environment, ca, provesNames) => {
    const { tls, mutualTls } = read({ ...TLS, ...environment } as Record<string, string>)
    expect(tls?.clientCertificates).toEqual({ ca })
    expect(mutualTls).toEqual({ origin: undefined, forwarded: undefined, provesNames })
  })

  it('is switched on behind a proxy by the form in which that forwards', () => {
    expect(read(NGINX).mutualTls).toEqual({
      origin: undefined,
      forwarded: { form: 'nginx', verifyHeader: undefined },
      provesNames: false,
    })
    const more = {
      LATCHKEY_FORWARDED_CLIENT_VERIFY: 'SSL-Client-Verify',
      LATCHKEY_MTLS_ORIGIN: 'https://m.example.com',
    }
    expect(read({ ...NGINX, ...more }).mutualTls).toEqual({
      origin: 'https://m.example.com',
      forwarded: { form: 'nginx', verifyHeader: 'ssl-client-verify' },
      provesNames: true,
    })
  })

  it.each<[string, Record<string, string>, RegExp]>([
    ['authorities without TLS', { LATCHKEY_TLS_CLIENT_CA: CERT }, /^LATCHKEY_TLS_CLIENT_CA needs LATCHKEY_TLS_CERT/],
    [
      'authorities without TLS, behind a proxy',
      { ...NGINX, LATCHKEY_TLS_CLIENT_CA: CERT },
      /^LATCHKEY_TLS_CLIENT_CA needs LATCHKEY_TLS_CERT/,
    ],
    [
      'certificates without TLS',
      { LATCHKEY_TLS_CLIENT_CERTIFICATES: 'true' },
      /^LATCHKEY_TLS_CLIENT_CERTIFICATES needs LATCHKEY_TLS_CERT$/,
    ],
    [
      'authorities and no certificates',
      { ...TLS, LATCHKEY_TLS_CLIENT_CA: CERT, LATCHKEY_TLS_CLIENT_CERTIFICATES: 'false' },
      /contradict each other/,
    ],
    ['no authorities in the file', { ...TLS, LATCHKEY_TLS_CLIENT_CA: KEY }, /^LATCHKEY_TLS_CLIENT_CA is not cert/],
    ['a key beside them', { ...TLS, LATCHKEY_TLS_CLIENT_CA: CERT + KEY }, /^LATCHKEY_TLS_CLIENT_CA is not cert/],
    [
      'one that cannot be read',
      { ...TLS, LATCHKEY_TLS_CLIENT_CA: `${CERT}${CERT.replace('MII', 'MMM')}` },
      /^LATCHKEY_TLS_CLIENT_CA is not cert/,
    ],
    [
      'no such file',
      { ...TLS, LATCHKEY_TLS_CLIENT_CA: '/run/none' },
      /^LATCHKEY_TLS_CLIENT_CA: cannot read \/run\/none/,
    ],
    [
      'a form without proxies',
      { LATCHKEY_FORWARDED_CLIENT_CERT: 'nginx' },
      /^LATCHKEY_FORWARDED_CLIENT_CERT needs LATCHKEY_TRUSTED_PROXIES/,
    ],
    [
      'a form with proxies that are none',
      { LATCHKEY_FORWARDED_CLIENT_CERT: 'nginx', LATCHKEY_TRUSTED_PROXIES: ' , ' },
      /^LATCHKEY_FORWARDED_CLIENT_CERT needs LATCHKEY_TRUSTED_PROXIES/,
    ],
    ['a form that nobody knows', { ...PROXIES, LATCHKEY_FORWARDED_CLIENT_CERT: 'haproxy' }, /must be one of rfc9440/],
    [
      'a word on certificates without a form',
      { ...PROXIES, LATCHKEY_FORWARDED_CLIENT_VERIFY: 'ssl-client-verify' },
      /^LATCHKEY_FORWARDED_CLIENT_VERIFY needs LATCHKEY_FORWARDED_CLIENT_CERT$/,
    ],
    [
      'a certificate in the place of that word',
      { ...NGINX, LATCHKEY_FORWARDED_CLIENT_VERIFY: 'SSL-Client-Cert' },
      /^LATCHKEY_FORWARDED_CLIENT_VERIFY must not be a header that holds/,
    ],
    [
      'a header with an underscore',
      { ...NGINX, LATCHKEY_FORWARDED_CLIENT_VERIFY: 'ssl_client_verify' },
      /^LATCHKEY_FORWARDED_CLIENT_VERIFY must be the name of a header/,
    ],
    [
      'an origin for certificates that never arrive',
      { LATCHKEY_MTLS_ORIGIN: 'https://m.example.com' },
      /^LATCHKEY_MTLS_ORIGIN needs LATCHKEY_TLS_CLIENT_CA, /,
    ],
    [
      'an origin that is none',
      { ...NGINX, LATCHKEY_MTLS_ORIGIN: 'https://m.example.com/' },
      /^LATCHKEY_MTLS_ORIGIN must/,
    ],
    [
      'an origin that is plain',
      { ...NGINX, LATCHKEY_MTLS_ORIGIN: 'http://m.example.com' },
      /^LATCHKEY_MTLS_ORIGIN must/,
    ],
  ])('refuses the start with %s, and nothing else is told', (_, environment, problem) => {
    const problems = problemsOf(environment)
    expect(problems).toEqual([expect.stringMatching(problem)])
    expect(problems.join('')).not.toMatch(/BEGIN|MII/)
  })
})
