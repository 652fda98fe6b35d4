import type { Config } from '../config/config.ts'
import { LIST, othersOf } from './algorithms.ts'

/** What of the settings has no room under FAPI 2.0, each by the name of its setting. None holds a value that is secret. */
export function* problemsOfSettings({
  allowInsecureHttp,
  signing,
}: Pick<Config, 'allowInsecureHttp' | 'signing'>): Generator<string> {
  if (allowInsecureHttp)
    yield 'LATCHKEY_ALLOW_INSECURE_HTTP must not be on: every endpoint is protected by TLS (FAPI 2.0 §5.2.1)'
  if (signing.jwtSecret !== undefined) {
    yield 'LATCHKEY_JWT_SECRET must not be set: signatures are those of key pairs (FAPI 2.0 §5.4.1)'
    return
  }
  const others = othersOf(signing.alg === undefined ? [] : [signing.alg, ...signing.otherAlgs])
  if (others.length > 0)
    yield `LATCHKEY_SIGNING_ALG must name nothing but ${LIST}, and names ${others.join(', ')} (FAPI 2.0 §5.4.1)`
}
