/** How certificates of connections are looked at (RFC 8705). */
export interface MutualTlsOptions {
  /**
   * The origin under which the endpoints are reached by whoever shows a certificate, such as `https://mtls.example.com`
   * (§5), with the paths that they have below the issuer. Where it is not given they have no address of their own.
   */
  readonly origin?: string | undefined
}

/** The same, checked. */
export interface ResolvedMutualTls {
  readonly origin: string | undefined
}

/** @throws TypeError that names the option. */
export function mutualTlsOf({ origin }: MutualTlsOptions): ResolvedMutualTls {
  const isOrigin = origin === undefined || (URL.canParse(origin) && new URL(origin).origin === origin)
  if (!isOrigin || origin?.startsWith('https://') === false)
    throw new TypeError('mutualTls.origin must be an https origin, such as https://mtls.example.com')
  return { origin }
}
