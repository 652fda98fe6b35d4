import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type MadeCertificate, makeCertificate } from './made-certificate.ts'

/** A host of this machine that answers as a test wants, and counts. */
export interface HostileHost {
  readonly port: number
  readonly ca: string
  /** `https://keys.example:<port>` */
  readonly origin: string
  /** How many connections it was sent. */
  connections(): number
  /** The targets of the requests, in their order. */
  readonly requests: readonly string[]
  close(): Promise<void>
}

let certificate: Promise<MadeCertificate> | undefined

/** Begins to listen on an address of this machine, as `keys.example`. */
export async function startHostileHost(answer: RequestListener, address = '127.0.0.1'): Promise<HostileHost> {
  certificate ??= makeCertificate('DNS:keys.example', 'DNS:other.example', 'IP:127.0.0.1')
  const made = await certificate
  const requests: string[] = []
  let connections = 0
  const server = createServer(made, (request, response) => {
    requests.push(request.url ?? '')
    answer(request, response)
  })
  server.on('connection', () => {
    connections += 1
  })
  // Whoever fetches breaks off what it does not want: that is no fault of the host's.
  server.on('tlsClientError', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, address, resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    ca: made.cert,
    origin: `https://keys.example:${port}`,
    connections: () => connections,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
