import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { Config } from '../config/config.ts'
import type { Finding } from './finding.ts'

const check = 'tls'
const SOON_MS = 14 * 86_400_000
const RENEW = 'renew the certificate; the service reads its files again by itself'

/** Looks at the certificate that is served: whether it counts today, for a while yet, and for the issuer. */
export function* lookAtTls({ tls, issuer }: Pick<Config, 'tls' | 'issuer'>, now: number): Generator<Finding> {
  if (tls === undefined) return
  const certificate = new X509Certificate(tls.cert)
  const [from, until] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)]
  const shownUntil = new Date(until).toISOString()
  if (now < from)
    yield {
      check,
      status: 'wrong',
      message: `the certificate does not count before ${new Date(from).toISOString()}`,
      advice: RENEW,
    }
  else if (now >= until)
    yield { check, status: 'wrong', message: `the certificate has expired at ${shownUntil}`, advice: RENEW }
  else if (now >= until - SOON_MS)
    yield { check, status: 'warning', message: `the certificate expires at ${shownUntil}`, advice: RENEW }
  else yield { check, status: 'ok', message: `the certificate counts until ${shownUntil}` }

  const { hostname } = new URL(issuer)
  const host = hostname.replace(/^\[|\]$/g, '')
  if ((isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) === undefined)
    yield {
      check,
      status: 'warning',
      message: `the certificate is not for ${hostname}, the host of the issuer`,
      advice: 'use one that names it, unless a proxy in front does',
    }
}
