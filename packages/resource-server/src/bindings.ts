import type { Clock } from '@latchkey/core'
import { type DpopOptions, type ResolvedDpop, resolveDpop } from './dpop/dpop-options.ts'
import { type MutualTlsOptions, type ResolvedMutualTls, resolveMutualTls } from './mutual-tls/mutual-tls-options.ts'

/** Which bound tokens an API takes, and whether it takes others. */
export interface BindingOptions {
  /** Takes tokens that are bound to a key, each with a proof (RFC 9449 §7). Without it they are refused. */
  readonly dpop?: DpopOptions | undefined
  /** Takes tokens that are bound to a client certificate, each with it (RFC 8705 §3). Without it they are refused. */
  readonly mutualTls?: MutualTlsOptions | undefined
  /** Refuses tokens that are bound to nothing. False by default. */
  readonly boundTokensOnly?: boolean | undefined
}

/** The options with every default filled in. */
export interface ResolvedBindings {
  readonly dpop: ResolvedDpop | undefined
  readonly mutualTls: ResolvedMutualTls | undefined
  readonly boundTokensOnly: boolean
}

/** @throws TypeError that names the option which is wrong. */
export function resolveBindings(
  { dpop, mutualTls, boundTokensOnly = false }: BindingOptions,
  audience: string,
  clock: Clock,
): ResolvedBindings {
  for (const [name, value] of Object.entries({ dpop, mutualTls }))
    if (value !== undefined && (typeof value !== 'object' || value === null))
      throw new TypeError(`${name} must be an object of options, which may be empty`)
  if (typeof boundTokensOnly !== 'boolean') throw new TypeError('boundTokensOnly must be true or false')
  if (boundTokensOnly && dpop === undefined && mutualTls === undefined)
    throw new TypeError('boundTokensOnly needs dpop or mutualTls: no token would pass without')
  return {
    dpop: dpop && resolveDpop(dpop, audience, clock),
    mutualTls: mutualTls && resolveMutualTls(mutualTls),
    boundTokensOnly,
  }
}
