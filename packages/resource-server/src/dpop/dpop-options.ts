import {
  type Clock,
  createDpopNonces,
  type DpopNonces,
  proofAddressOf,
  type ReplayGuard,
  SIGNING_ALGORITHMS,
  type SigningAlgorithm,
} from '@latchkey/core'
import { algorithmsOf } from '../algorithms.ts'
import { createBoundedReplays } from './bounded-replays.ts'

/** How tokens are shown that are bound to a key (RFC 9449 §7). */
export interface DpopOptions {
  /**
   * Where this API is seen from outside: scheme, host, and the path that a proxy in front takes away, if it does. The origin of the
   * first name of `audience` by default, where that is a URL. Never taken from a request.
   */
  readonly baseUrl?: string | undefined
  /** The algorithms by which a proof may be signed. Every asymmetric one that is known by default. */
  readonly algorithms?: readonly SigningAlgorithm[] | undefined
  /** Lets each proof through once. One in the memory of this process by default; nodes beside it need one that they share. */
  readonly replays?: ReplayGuard | undefined
  /** Whether every proof must hold a nonce of this API (RFC 9449 §9), so that none can be made for later. False by default. */
  readonly requireNonce?: boolean | undefined
  /** What nonces are made with: 32 bytes in base64url, the same on every node. Without it they count in this process alone. */
  readonly nonceSecret?: string | undefined
  /** The secret of before, while nonces that were made with it still count: ten minutes. */
  readonly previousNonceSecret?: string | undefined
}

/** The options with every default filled in. */
export interface ResolvedDpop {
  /** Without a slash at the end. */
  readonly baseUrl: string
  readonly algorithms: readonly SigningAlgorithm[]
  readonly replays: ReplayGuard
  /** Absent where none is asked for. */
  readonly nonces: DpopNonces | undefined
}

/** @throws TypeError that names the option which is wrong. */
export function resolveDpop(options: DpopOptions, audience: string, clock: Clock): ResolvedDpop {
  const { replays = createBoundedReplays(clock) } = options
  if (typeof replays.claim !== 'function') throw new TypeError('dpop.replays must be an object with claim')
  const baseUrl = options.baseUrl ?? originOf(audience)
  if (typeof baseUrl !== 'string' || proofAddressOf(baseUrl) === undefined || /[?#]/.test(baseUrl))
    throw new TypeError(
      'dpop.baseUrl must be the address of this API as it is seen from outside, such as https://api.example.com',
    )
  const algorithms = algorithmsOf('dpop.algorithms', options.algorithms ?? SIGNING_ALGORITHMS)
  return { baseUrl: baseUrl.replace(/\/+$/, ''), algorithms, replays, nonces: noncesOf(options) }
}

function noncesOf({ requireNonce = false, nonceSecret: secret, previousNonceSecret: previous }: DpopOptions) {
  if (typeof requireNonce !== 'boolean') throw new TypeError('dpop.requireNonce must be true or false')
  if (!requireNonce && (secret !== undefined || previous !== undefined))
    throw new TypeError('dpop.nonceSecret needs dpop.requireNonce: otherwise nobody is given a nonce')
  if (previous !== undefined && secret === undefined)
    throw new TypeError('dpop.previousNonceSecret needs dpop.nonceSecret')
  return requireNonce ? createDpopNonces({ secret, previous }) : undefined
}

const originOf = (audience: string): string | undefined =>
  proofAddressOf(audience) === undefined ? undefined : new URL(audience).origin
