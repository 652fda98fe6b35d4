import { type EpochSeconds, type OAuthError, verifyDpopProof } from '@latchkey/core'
import { cannotKnow } from '../cannot-know.ts'
import { type Checked, refused } from '../verified-token.ts'
import type { ResolvedDpop } from './dpop-options.ts'

/** What of a request shows a token together with a proof. */
export interface ProofTransport {
  /** The method of the request. */
  readonly method?: string | undefined
  /** The address or path that was asked for. Of an address only the path counts. */
  readonly url?: string | undefined
  /** The value of the `DPoP` header, or the values of its lines where there are several. */
  readonly dpop?: string | readonly string[] | undefined
}

/** What a good proof proves. */
export interface ShownProof {
  readonly jkt: string
  /** The nonce that the next one must hold, where this one holds none that counts. */
  readonly nonceInstead: string | undefined
  /** Whether it was the first time. @throws OAuthError `temporarily_unavailable` when nobody knows. */
  claim(): Promise<boolean>
}

const DPOP = /^dpop +(?<token>[A-Za-z0-9._~+/-]+=*)$/i
const DPOP_SCHEME = /^dpop(?: |$)/i

/** Whether an `Authorization` header is meant as a token with a proof, well-formed or not (RFC 9449 §7.1). */
export const isDpop = (authorization: string): boolean => DPOP_SCHEME.test(authorization)

/** The token of an `Authorization: DPoP` header; `undefined` when it is malformed. */
export const readDpop = (authorization: string): string | undefined => DPOP.exec(authorization)?.groups?.['token']

/** @throws TypeError when the program does not say what request the proof is to be of. */
export async function verifyShownProof(
  { method, url, dpop = [] }: ProofTransport,
  accessToken: string,
  now: EpochSeconds,
  { baseUrl, algorithms, nonces, replays }: ResolvedDpop,
): Promise<Checked<ShownProof>> {
  if (method === undefined || url === undefined) throw new TypeError('a proof is verified with the method and the url')
  const [proof, ...others] = typeof dpop === 'string' ? [dpop] : dpop
  if (proof === undefined) return refused('there is no DPoP proof')
  if (others.length > 0) return refused('more than one DPoP proof was sent')
  const path = pathOf(url)
  if (path === undefined) return refused(NO_PATH)
  const verdict = await verifyDpopProof(proof, {
    method,
    address: baseUrl + path,
    algorithms,
    now,
    accessToken,
  }).catch(() => refused(NO_PATH))
  if (!verdict.ok) return refused(`the DPoP proof was refused: ${verdict.reason}`)
  const { jkt, nonce, claimKey, claimUntil } = verdict
  const isGood = nonces === undefined || (nonce !== undefined && nonces.isOurs(nonce, now))
  return {
    ok: true,
    value: {
      jkt,
      nonceInstead: isGood ? undefined : nonces.current(now),
      async claim() {
        try {
          return (await replays.claim(claimKey, claimUntil)) === true
        } catch (error) {
          throw unknown(error)
        }
      },
    },
  }
}

/** RFC 9449 §7.1: the challenge for a token with a proof; the names are fixed texts, scopes, and an address of ours. */
export function dpopChallenge(
  parameters: Readonly<Record<string, string | undefined>>,
  algorithms: readonly string[],
): string {
  const given = { ...parameters, algs: algorithms.join(' ') }
  const parts = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`${name}="${value}"`]))
  return `DPoP ${parts.join(', ')}`
}

const NO_PATH = 'the path of the request cannot be that of a proof'

/** What follows the origin. What begins otherwise, such as `*` or the host of a CONNECT, would run into the name of our host. */
function pathOf(url: string): string | undefined {
  const path = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').split(/[?#]/, 1)[0] ?? ''
  if (path === '') return '/'
  return path.startsWith('/') ? path : undefined
}

const unknown = (error: unknown): OAuthError =>
  cannotKnow(`replays: ${error instanceof Error ? error.message : 'what is no error was thrown'}`, error)
