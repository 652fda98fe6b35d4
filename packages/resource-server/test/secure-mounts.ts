import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import express from 'express'
import Fastify from 'fastify'
import { accessTokenOf, requireToken } from '../src/express.ts'
import { tokenVerification } from '../src/fastify.ts'
import type { TokenVerifier } from '../src/index.ts'
import type { MadeCertificate } from './client-certificate.ts'

/** What a server is made of: the verifier, and TLS that asks for a certificate and leaves it to the API to judge it. */
export type Mount = (verifier: TokenVerifier, tls: object) => Server | Promise<Server>

/** An API that answers what a token is bound to. */
export const withExpress: Mount = (verifier, tls) => {
  const app = express()
  app.get('/sales', requireToken(verifier), (request, response) => {
    response.json(accessTokenOf(request).confirmation ?? {})
  })
  return createServer(tls, app)
}

/** The same. */
export const withFastify: Mount = async (verifier, tls) => {
  const app = Fastify({ https: tls })
  await app.register(tokenVerification, { verifier })
  app.get('/sales', { onRequest: app.requireToken() }, async ({ accessToken }) => accessToken.confirmation ?? {})
  await app.ready()
  return app.server as Server
}

/** Begins to listen on this machine, and says where. */
export async function listening(
  mount: Mount,
  verifier: TokenVerifier,
  { cert, key }: MadeCertificate,
): Promise<{ readonly url: string; close(): void }> {
  const api = await mount(verifier, { cert, key, requestCert: true, rejectUnauthorized: false })
  api.listen(0, '127.0.0.1')
  await once(api, 'listening')
  return {
    url: `https://localhost:${(api.address() as AddressInfo).port}/sales`,
    close() {
      api.closeAllConnections()
      api.close()
    },
  }
}
