import { statSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { RECOMMENDED_CIPHERS } from '../fapi2/recommended-ciphers.ts'
import { type AskedCertificates, secureContextOf, type TlsSettings } from '../server/tls-context.ts'
import { StartRefused } from '../start-refused.ts'
import { certificatesInPem } from './certificates-in-pem.ts'
import { type Environment, type ReadFile, settingsIn } from './environment.ts'
import { contentOf } from './key-material.ts'
import { parseSettings } from './parse-settings.ts'
import type { GivenSettings, SettingName } from './settings.ts'

type Complain = (problem: string) => void

const NAMES: readonly SettingName[] = [
  'LATCHKEY_TLS_CERT',
  'LATCHKEY_TLS_KEY',
  'LATCHKEY_TLS_CLIENT_CA',
  'LATCHKEY_TLS_CLIENT_CERTIFICATES',
  'LATCHKEY_PROFILE',
]

/** What https is served with, if it is. */
export function tlsOf(given: GivenSettings, readFile: ReadFile, complain: Complain): TlsSettings | undefined {
  const { LATCHKEY_TLS_CERT, LATCHKEY_TLS_KEY } = given
  if (LATCHKEY_TLS_CERT === undefined && LATCHKEY_TLS_KEY === undefined) {
    if (given.LATCHKEY_TLS_CLIENT_CA !== undefined)
      complain('LATCHKEY_TLS_CLIENT_CA needs LATCHKEY_TLS_CERT: what a proxy forwards, the proxy has to verify')
    if (given.LATCHKEY_TLS_CLIENT_CERTIFICATES === true)
      complain('LATCHKEY_TLS_CLIENT_CERTIFICATES needs LATCHKEY_TLS_CERT')
    return undefined
  }
  if (LATCHKEY_TLS_CERT === undefined || LATCHKEY_TLS_KEY === undefined) {
    complain('LATCHKEY_TLS_CERT and LATCHKEY_TLS_KEY must be set together')
    return undefined
  }
  const cert = contentOf('LATCHKEY_TLS_CERT', LATCHKEY_TLS_CERT, readFile, complain)
  const key = contentOf('LATCHKEY_TLS_KEY', LATCHKEY_TLS_KEY, readFile, complain)
  const clientCertificates = askedOf(given, readFile, complain)
  if (cert === undefined || key === undefined) return undefined
  const settings = {
    cert,
    key,
    ...(clientCertificates && { clientCertificates }),
    ...(given.LATCHKEY_PROFILE && { ciphers: RECOMMENDED_CIPHERS }),
  }
  try {
    createSecureContext(secureContextOf(settings))
  } catch {
    // What the library says of a key may quote it.
    complain('LATCHKEY_TLS_CERT and LATCHKEY_TLS_KEY are not a certificate and its private key in PEM')
  }
  return settings
}

function askedOf(given: GivenSettings, readFile: ReadFile, complain: Complain): AskedCertificates | undefined {
  const { LATCHKEY_TLS_CLIENT_CA, LATCHKEY_TLS_CLIENT_CERTIFICATES: asks } = given
  if (LATCHKEY_TLS_CLIENT_CA === undefined) return asks === true ? { ca: undefined } : undefined
  if (asks === false)
    complain('LATCHKEY_TLS_CLIENT_CA and LATCHKEY_TLS_CLIENT_CERTIFICATES=false contradict each other')
  const ca = contentOf('LATCHKEY_TLS_CLIENT_CA', LATCHKEY_TLS_CLIENT_CA, readFile, complain)
  if (ca === undefined) return undefined
  try {
    certificatesInPem(ca)
    return { ca }
  } catch {
    complain('LATCHKEY_TLS_CLIENT_CA is not certificates in PEM, and nothing else')
    return undefined
  }
}

/**
 * Reads again what https is served with, from wherever the settings had it.
 *
 * @throws StartRefused with what is wrong with it now.
 */
export function rereadTls(environment: Environment, readFile: ReadFile): TlsSettings {
  const problems: string[] = []
  const complain: Complain = (problem) => problems.push(problem)
  const readAgain: ReadFile = (path) => {
    // The process would stand still until somebody writes into the pipe.
    if (!statSync(path).isFile()) throw new Error('it is no file that can be read again')
    return readFile(path)
  }
  const given = parseSettings(settingsIn(environment, readAgain, complain, NAMES), complain)
  const tls = tlsOf(given, readAgain, complain)
  if (tls === undefined || problems.length > 0) throw new StartRefused(problems)
  return tls
}
