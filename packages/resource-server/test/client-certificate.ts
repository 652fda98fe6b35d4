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
  /** Sends a form. */
  post(url: string, headers: Record<string, string>, form: Record<string, string>): Promise<SecureAnswer>
  close(): void
}

/** Asks a server that shows `server`. */
export function secureClientOf(
  server: MadeCertificate,
  own: MadeCertificate | undefined,
  keepAlive = false,
): SecureClient {
  const agent = new Agent({ ca: server.cert, keepAlive, ...(own && { cert: own.cert, key: own.key }) })
  const send = (method: string, url: string, headers: Record<string, string>, body = ''): Promise<SecureAnswer> =>
    new Promise((resolve, reject) => {
      const asked = request(url, { agent, method, headers }, (response) => {
        // It is gone once the answer was read.
        const isResumed = (response.socket as TLSSocket).isSessionReused()
        const { statusCode: status, headers: told } = response
        text(response).then(
          (answer) => resolve({ status, challenge: told['www-authenticate'], body: answer, isResumed }),
          reject,
        )
      })
      asked.on('error', reject).end(body)
    })
  return {
    get: (url, headers) => send('GET', url, headers),
    post: (url, headers, form) =>
      send(
        'POST',
        url,
        { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        new URLSearchParams(form).toString(),
      ),
    close: () => agent.destroy(),
  }
}

/** `fetch` as of a program that trusts the certificate of a server, and shows none. */
export const fetchFrom =
  ({ cert }: MadeCertificate) =>
  (url: string, init: RequestInit = {}): Promise<Response> =>
    new Promise((resolve, reject) => {
      const sent = new Request(url, init)
      const { method, headers } = sent
      const asked = request(url, { ca: cert, agent: false, method, headers: Object.fromEntries(headers) }, (answer) => {
        const fields = Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)])
        const told = { status: answer.statusCode ?? 0, headers: fields }
        text(answer).then((body) => resolve(new Response(body, told)), reject)
      })
      asked.on('error', reject)
      sent.text().then((body) => asked.end(body), reject)
    })
