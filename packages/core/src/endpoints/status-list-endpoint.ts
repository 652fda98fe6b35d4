import { sha256 } from '../crypto.ts'
import type { EpochSeconds } from '../domain/epoch-seconds.ts'
import { STATUS_LIST_PATTERN, STATUS_LIST_SIZE } from '../domain/status-reference.ts'
import { encodeBase64Url } from '../jose/base64url.ts'
import type { Clock } from '../ports/clock.ts'
import type { Signer } from '../ports/signer.ts'
import type { StatusIndexes } from '../ports/status-indexes.ts'
import { statusListAddress } from '../protocol/status-claim.ts'
import { type EndpointResponse, errorResponse } from './endpoint-response.ts'

/** What a request for a list may say. */
export interface StatusListRequest {
  /** The last part of the address. */
  readonly list: string
  /** The value of `If-None-Match`, the lines of the field joined with commas (RFC 9110 §13.1.2). */
  readonly ifNoneMatch: string | undefined
}

/** Answers requests for lists of revoked tokens (draft-ietf-oauth-status-list §8). Never rejects. */
export type StatusListEndpoint = (request: StatusListRequest) => Promise<EndpointResponse>

/** What {@link createStatusListEndpoint} takes. */
export interface StatusListEndpointDeps {
  readonly issuer: string
  readonly indexes: StatusIndexes
  readonly signer: Signer
  readonly clock: Clock
  /** For how long anybody may go by a list, in seconds from when it was read: a revocation is seen within it. */
  readonly ttlSeconds: number
}

/** The media type of a list, and so the `typ` of its header without the first part (§5.1). */
const TYPE = 'statuslist+jwt'

/** Lists that are kept signed, and names that nobody can ask the backend about more often than a list. */
const MOST_KEPT = 64

interface Made {
  readonly madeAt: EpochSeconds
  /** `undefined` where there is no such list. */
  readonly token: string | undefined
}

/**
 * A list is read and signed at most once in a quarter of its `ttl`, however many ask, and says how old it is: it may be kept
 * for what is left of its `ttl`, and a revocation is seen everywhere within the whole of it.
 */
export function createStatusListEndpoint(deps: StatusListEndpointDeps): StatusListEndpoint {
  const { issuer, indexes, signer, clock, ttlSeconds } = deps
  const madeAnewAfter = Math.max(1, Math.floor(ttlSeconds / 4))
  const kept = new Map<string, { readonly since: EpochSeconds; readonly made: Promise<Made> }>()
  const address = statusListAddress(issuer)

  async function make(list: string): Promise<Made> {
    const madeAt = clock.now()
    const bits = await indexes.revoked(list)
    if (bits === undefined) return { madeAt, token: undefined }
    const { kid, alg, sign } = bound(signer, madeAt)
    const claims = {
      iss: issuer,
      sub: address + list,
      iat: madeAt,
      // Twice as long: who begins to count when it comes is still within it.
      exp: madeAt + 2 * ttlSeconds,
      ttl: ttlSeconds,
      status_list: { bits: 1, lst: Buffer.from(await deflated(bits)).toString('base64url') },
    }
    const signed = [{ alg, typ: TYPE, kid }, claims].map((part) => encodeBase64Url(JSON.stringify(part))).join('.')
    const signature = await sign(Buffer.from(signed, 'latin1'))
    return { madeAt, token: `${signed}.${Buffer.from(signature).toString('base64url')}` }
  }

  function present(list: string): Promise<Made> {
    const now = clock.now()
    const known = kept.get(list)
    // A clock that was set back must not keep anything for longer.
    if (known !== undefined && now >= known.since && now < known.since + madeAnewAfter) return known.made
    const entry = { since: now, made: make(list) }
    kept.delete(list)
    if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value as string)
    kept.set(list, entry)
    entry.made.catch(() => {
      if (kept.get(list) === entry) kept.delete(list)
    })
    return entry.made
  }

  return async ({ list, ifNoneMatch }) => {
    try {
      const { madeAt, token } = STATUS_LIST_PATTERN.test(list) ? await present(list) : { madeAt: 0, token: undefined }
      if (token === undefined) return { status: 404, headers: { 'cache-control': 'no-store' }, body: '' }
      const etag = `"${sha256(token)}"`
      const age = Math.max(0, clock.now() - madeAt)
      const headers = { 'cache-control': `public, max-age=${Math.max(0, ttlSeconds - age)}`, etag }
      return ifNoneMatch?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)
        ? { status: 304, headers, body: '' }
        : { status: 200, headers: { 'content-type': `application/${TYPE}`, ...headers }, body: token }
    } catch (error) {
      return errorResponse(error)
    }
  }
}

function bound(signer: Signer, now: EpochSeconds) {
  const key = signer.signingKey(now)
  return { kid: key.kid, alg: key.alg, sign: (data: Uint8Array) => key.sign(data) }
}

/** The whole list, whose length tells nothing of what is in it, in the format of zlib (RFC 1950, §4.1 of the draft). */
async function deflated(bits: Uint8Array): Promise<ArrayBuffer> {
  const whole = new Uint8Array(STATUS_LIST_SIZE / 8)
  whole.set(bits.subarray(0, whole.length))
  return new Response(new Blob([whole]).stream().pipeThrough(new CompressionStream('deflate'))).arrayBuffer()
}
