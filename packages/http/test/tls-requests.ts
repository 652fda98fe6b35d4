import { createHash, X509Certificate } from 'node:crypto'
import { type Agent, request as httpsRequest } from 'node:https'
import type { SecureVersion, TLSSocket } from 'node:tls'
import type { Sent } from './hosts.ts'
import type { MadeCertificate } from './remote/made-certificate.ts'
import { FORM } from './test-server.ts'
import { CERT } from './tls-key-pair.ts'

/** A request over TLS, and what of the connection matters. */
export interface SentOverTls extends Partial<Sent> {
  readonly port: number
  /** What the client shows. */
  readonly shown?: MadeCertificate | undefined
  readonly agent?: Agent | undefined
  readonly version?: SecureVersion | undefined
  /** The certificate that the server must have. */
  readonly ca?: string
}

/** An answer, and whether its connection took up a session of before. */
export interface AnswerOverTls {
  readonly status: number
  /** Empty where the answer is no JSON. */
  readonly json: Readonly<Record<string, unknown>>
  readonly isResumed: boolean
}

/** Sends a request to this machine, over a connection of its own unless there is an agent. */
export const sendOverTls = ({
  port,
  shown,
  agent,
  version,
  ca = CERT,
  method = 'POST',
  path = '/oauth2/token',
  headers = {},
  body = '',
}: SentOverTls): Promise<AnswerOverTls> =>
  new Promise((resolve, reject) => {
    const request = httpsRequest({
      port,
      host: '127.0.0.1',
      servername: 'localhost',
      ca,
      method,
      path,
      agent: agent ?? false,
      ...(shown && { cert: shown.cert, key: shown.key }),
      ...(version && { minVersion: version, maxVersion: version }),
      headers: { 'content-type': FORM, 'content-length': String(Buffer.byteLength(body)), ...headers },
    })
    request.on('error', reject)
    request.on('response', (response) => {
      const isResumed = (response.socket as TLSSocket).isSessionReused()
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const isJson = response.headers['content-type'] === 'application/json'
        resolve({ status: response.statusCode ?? 0, json: isJson ? JSON.parse(text) : {}, isResumed })
      })
    })
    request.end(body)
  })

/** A token request of a client that has nothing else to show. */
export const tokenRequestOf = (clientId: string): string =>
  new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId }).toString()

/** The certificate in a JWK Set, as a client registers one that it signed itself. */
export function keysOf({ cert }: MadeCertificate): object {
  const x509 = new X509Certificate(cert)
  return { keys: [{ ...x509.publicKey.export({ format: 'jwk' }), x5c: [x509.raw.toString('base64')] }] }
}

/** The name of a certificate in tokens that are bound to it (RFC 8705 §3.1). */
export const thumbprintOf = ({ cert }: MadeCertificate): string =>
  createHash('sha256').update(new X509Certificate(cert).raw).digest('base64url')
