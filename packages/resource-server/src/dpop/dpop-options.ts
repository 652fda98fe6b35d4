import { type Clock, proofAddressOf, type ReplayGuard } from '@latchkey/core'
import { createBoundedReplays } from './bounded-replays.ts'

/** How tokens are shown that are bound to a key (RFC 9449 §7). */
export interface DpopOptions {
  /**
   * Where this API is seen from outside: scheme, host, and the path that a proxy in front takes away, if it does. The origin of the
   * first name of `audience` by default, where that is a URL. Never taken from a request.
   */
  readonly baseUrl?: string | undefined
  /** Lets each proof through once. One in the memory of this process by default; nodes beside it need one that they share. */
  readonly replays?: ReplayGuard | undefined
}

/** The options with every default filled in. */
export interface ResolvedDpop {
  /** Without a slash at the end. */
  readonly baseUrl: string
  readonly replays: ReplayGuard
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
  return { baseUrl: baseUrl.replace(/\/+$/, ''), replays }
}

const originOf = (audience: string): string | undefined =>
  proofAddressOf(audience) === undefined ? undefined : new URL(audience).origin
