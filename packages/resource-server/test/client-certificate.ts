import { execFile } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { TLSSocket } from 'node:tls'
import { promisify } from 'node:util'

/** A certificate that signed itself, with its private key. */
export interface MadeCertificate {
  /** Both in PEM. */
  readonly cert: string
  readonly key: string
  readonly der: Buffer
  /** As a token names it in `x5t#S256`. */
  readonly thumbprint: string
}

const run = promisify(execFile)

/** Makes one for this machine that is good for a day. */
export async function makeCertificate(): Promise<MadeCertificate> {
  const directory = await mkdtemp(join(tmpdir(), 'latchkey-certificate-'))
  try {
    const [certFile, keyFile] = [join(directory, 'cert.pem'), join(directory, 'key.pem')]
    const made = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1']
    const named = ['-subj', '/CN=made for a test', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    await run('openssl', ['req', ...made, ...named, '-keyout', keyFile, '-out', certFile])
    const [cert, key] = [await readFile(certFile, 'utf8'), await readFile(keyFile, 'utf8')]
    const der = new X509Certificate(cert).raw
    return { cert, key, der, thumbprint: createHash('sha256').update(der).digest('base64url') }
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** An answer over TLS. */
export interface SecureAnswer {
  readonly status: number | undefined
  readonly challenge: string | undefined
  readonly body: string
  /** Whether the connection took up the session of an earlier one. */
  readonly isResumed: boolean
}

/** Somebody who asks over TLS, with a certificate or without. */
export interface SecureClient {
  get(url: string, headers: Record<string, string>): Promise<SecureAnswer>
  close(): void
}

/** Asks a server that shows `server`. */
export function secureClientOf(
  server: MadeCertificate,
  own: MadeCertificate | undefined,
  keepAlive = false,
): SecureClient {
  const agent = new Agent({ ca: server.cert, keepAlive, ...(own && { cert: own.cert, key: own.key }) })
  return {
    get: (url, headers) =>
      new Promise((resolve, reject) => {
        const asked = request(url, { agent, headers }, (response) => {
          // It is gone once the answer was read.
          const isResumed = (response.socket as TLSSocket).isSessionReused()
          const { statusCode: status, headers: told } = response
          text(response).then(
            (body) => resolve({ status, challenge: told['www-authenticate'], body, isResumed }),
            reject,
          )
        })
        asked.on('error', reject).end()
      }),
    close: () => agent.destroy(),
  }
}
