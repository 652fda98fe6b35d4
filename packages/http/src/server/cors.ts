import type { FastifyCorsOptions, FastifyCorsOptionsDelegateCallback } from '@fastify/cors'
import type { KnownPaths } from '../exchange/known-paths.ts'
import { pathOf } from '../exchange/target.ts'

/** What scripts may read beside the body: without these they can answer no challenge (RFC 9449 §8). */
const EXPOSED_HEADERS = ['DPoP-Nonce', 'WWW-Authenticate']
const PREFLIGHT_SECONDS = 600

/**
 * Lets scripts of the given origins ask. A preflight is answered where there is something to ask for; any other `OPTIONS`
 * is a method like any other.
 */
export const corsDelegate =
  (origins: readonly string[], known: KnownPaths): FastifyCorsOptionsDelegateCallback =>
  ({ method, headers, raw }, done) => {
    const preflight =
      method === 'OPTIONS' &&
      headers['access-control-request-method'] !== undefined &&
      origins.includes(headers.origin ?? '') &&
      known.has(pathOf(raw.url ?? ''))
    const options: FastifyCorsOptions = {
      origin: [...origins],
      methods: ['GET', 'HEAD', 'POST'],
      exposedHeaders: EXPOSED_HEADERS,
      maxAge: PREFLIGHT_SECONDS,
      preflight,
    }
    done(null, options)
  }
