/**
 * A plugin for Fastify.
 *
 * @module
 */
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { transportsOf } from './node-request.ts'
import { decide, type RequiredToken } from './request-verdict.ts'
import type { TokenVerifier } from './token-verifier.ts'
import type { VerifiedToken } from './verified-token.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * A hook that lets a request pass which has an active token with the scopes, and answers every other. As `onRequest` it
     * answers before the body is read; as `preHandler` it also sees a second token in a form, and refuses it.
     */
    requireToken(required?: RequiredToken): TokenHook
  }
  interface FastifyRequest {
    /** The token by which the request passed. @throws TypeError where the route does not require one. */
    readonly accessToken: VerifiedToken
  }
}

/** A hook for `onRequest` or `preHandler`. */
export type TokenHook = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>

/** What {@link tokenVerification} takes. */
export interface TokenVerificationOptions {
  readonly verifier: TokenVerifier
}

// Apart from the request, so that nothing that a request brings along can pass for a token.
const tokens = new WeakMap<FastifyRequest, VerifiedToken>()

/**
 * Gives an instance `requireToken`, and its requests `accessToken`; serves the API's metadata (RFC 9728) where the verifier
 * has some. To be registered at the root: the path of the metadata is that of the resource's identifier.
 */
export const tokenVerification: FastifyPluginAsync<TokenVerificationOptions> = Object.assign(
  async (app: FastifyInstance, { verifier }: TokenVerificationOptions): Promise<void> => {
    app.decorate('requireToken', ({ scopes } = {}) => async (request, reply) => {
      const verdict = await decide(verifier, {
        ...transportsOf(request.raw, request.originalUrl, request.body),
        scopes,
      })
      if (verdict.ok) {
        tokens.set(request, verdict.accessToken)
        return undefined
      }
      const { status, headers, body } = verdict.response
      return reply.code(status).headers(headers).send(body)
    })
    app.decorateRequest('accessToken', {
      getter() {
        const token = tokens.get(this)
        if (token === undefined) throw new TypeError('this route does not require a token')
        return token
      },
    })
    publish(app, verifier)
  },
  // Without a scope of its own: what it adds is there for the instance that registers it.
  { [Symbol.for('skip-override')]: true, [Symbol.for('fastify.display-name')]: '@latchkey/resource-server' },
)

function publish(app: FastifyInstance, { resourceMetadata }: TokenVerifier): void {
  if (resourceMetadata === undefined) return
  if (app.prefix !== '')
    throw new TypeError('tokenVerification must be registered at the root, or without resourceMetadata')
  const { path, response } = resourceMetadata
  // Fastify's router wants a path decoded, and a colon that is no parameter doubled.
  app.get(decodeURI(path).replaceAll(':', '::'), async (_, reply) =>
    reply.headers(response.headers).send(response.body),
  )
}
