import { X509Certificate } from 'node:crypto'

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g

/**
 * Reads every certificate of a text, which may hold other words between them.
 *
 * @throws when it holds none, or one that cannot be read: the library of TLS would pass over it.
 */
export function certificatesInPem(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(BLOCK) ?? []
  if (blocks.length === 0 || blocks.length !== pem.split('-----BEGIN').length - 1)
    throw new TypeError('it holds something else than certificates in PEM')
  return blocks.map((block) => new X509Certificate(block))
}
