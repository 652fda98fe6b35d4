import { Agent, fetch as undiciFetch } from 'undici'
import type { MadeCertificate } from '../remote/made-certificate.ts'
import { CERT } from '../tls-key-pair.ts'

/** `fetch` as of a program that trusts the certificate of a test's service, and may have one of its own to show. */
export interface TrustingFetch {
  readonly fetch: typeof fetch
  close(): Promise<void>
}

export function createTrustingFetch(shown?: MadeCertificate): TrustingFetch {
  const dispatcher = new Agent({ connect: { ca: CERT, ...(shown && { cert: shown.cert, key: shown.key }) } })
  return {
    // Node's own `fetch` takes no dispatcher of another undici.
    fetch: ((url: string, init: object) => undiciFetch(url, { ...init, dispatcher })) as unknown as typeof fetch,
    close: () => dispatcher.close(),
  }
}
