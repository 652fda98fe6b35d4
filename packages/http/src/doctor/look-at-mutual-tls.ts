import type { X509Certificate } from 'node:crypto'
import { certificatesInPem } from '../config/certificates-in-pem.ts'
import type { Config } from '../config/config.ts'
import type { Finding } from './finding.ts'

const check = 'mutual_tls'
const SOON_MS = 30 * 86_400_000
const REPLACE = 'take it out of LATCHKEY_TLS_CLIENT_CA, or put the next one beside it; the service reads the file again'

/** Looks at how the certificates of clients arrive, and at the authorities that prove their names. */
export function* lookAtMutualTls(
  { tls, mutualTls, trustedProxies }: Pick<Config, 'tls' | 'mutualTls' | 'trustedProxies'>,
  now: number,
): Generator<Finding> {
  const ca = tls?.clientCertificates?.ca
  if (ca !== undefined) for (const authority of certificatesInPem(ca)) yield lookAtAuthority(authority, now)
  if (mutualTls === undefined) return
  const { forwarded, provesNames } = mutualTls
  if (!provesNames)
    yield {
      check,
      status: 'ok',
      message: 'clients are known by certificates that they signed themselves; no name in one proves anything',
    }
  if (forwarded !== undefined && trustedProxies.some((proxies) => proxies.endsWith('/0')))
    yield {
      check,
      status: 'warning',
      message:
        'LATCHKEY_TRUSTED_PROXIES trusts every address, so anybody who reaches the port can forward any certificate',
      advice: 'name the addresses of the proxies alone',
    }
}

function lookAtAuthority(authority: X509Certificate, now: number): Finding {
  const [from, until] = [Date.parse(authority.validFrom), Date.parse(authority.validTo)]
  const shown = `the authority for clients with the serial number ${authority.serialNumber}`
  const shownUntil = new Date(until).toISOString()
  if (!authority.ca)
    return {
      check,
      status: 'warning',
      message: `${shown} is no certificate authority: it proves no name but its own`,
      advice: 'put the certificate there that has issued those of the clients',
    }
  if (now < from)
    return {
      check,
      status: 'wrong',
      message: `${shown} does not count before ${new Date(from).toISOString()}`,
      advice: REPLACE,
    }
  if (now >= until) return { check, status: 'wrong', message: `${shown} has expired at ${shownUntil}`, advice: REPLACE }
  if (now >= until - SOON_MS)
    return { check, status: 'warning', message: `${shown} expires at ${shownUntil}`, advice: REPLACE }
  return { check, status: 'ok', message: `${shown} counts until ${shownUntil}` }
}
