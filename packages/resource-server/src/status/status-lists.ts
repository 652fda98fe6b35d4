import type { Clock, JsonObject, JsonValue, OAuthError } from '@latchkey/core'
import { type CachedDocument, createCachedDocument, type Loaded } from '../remote/cached-document.ts'
import type { TextFetch } from '../remote/document-fetch.ts'
import { type Checked, refused } from '../verified-token.ts'
import { readStatusList, type StatusList } from './status-list.ts'

/** Whether signed tokens were revoked, by the lists that their issuer publishes (draft-ietf-oauth-status-list §8.3). */
export interface StatusLists {
  /**
   * The claims of a token once more, unless its list says that it is not valid. A token that names no list is in none.
   *
   * @throws OAuthError `temporarily_unavailable` when the list cannot be had and none is fresh.
   */
  check(claims: JsonObject): Promise<Checked<JsonObject>>
}

/** What {@link createStatusLists} takes. */
export interface StatusListsDeps {
  readonly issuer: string
  readonly clock: Clock
  readonly leewaySeconds: number
  readonly fetchText: TextFetch
  /** What a signed list says, when a key of the issuer has signed it. @throws OAuthError when nobody knows. */
  verify(token: string): Promise<Checked<JsonObject>>
  /** Hears of each attempt to have a list that failed. */
  onFailure(failure: OAuthError): void
}

/** Lists that are kept at once; an issuer has one for each million tokens. */
const MOST_KEPT = 64

/** In characters: a list that is half full of revoked tokens cannot be packed, and is a quarter of this. */
const LONGEST_LIST = 1024 * 1024

const TYPE = /^application\/statuslist\+jwt *(?:;|$)/i

/** Keeps each list for as long as its `ttl`, and the headers that it came with, allow; and not a second longer. */
export function createStatusLists(deps: StatusListsDeps): StatusLists {
  const { clock } = deps
  const lists = new Map<string, CachedDocument<StatusList>>()

  function listAt(uri: string): CachedDocument<StatusList> {
    const known = lists.get(uri)
    if (known !== undefined) return known
    const list = createCachedDocument<StatusList>({
      name: 'status list',
      load: () => load(deps, uri),
      clock,
      // An old list says nothing of what was revoked since.
      outageSeconds: 0,
      onFailure: deps.onFailure,
    })
    if (lists.size >= MOST_KEPT) lists.delete(lists.keys().next().value as string)
    lists.set(uri, list)
    return list
  }

  return {
    async check(claims) {
      const { status } = claims
      if (status === undefined) return { ok: true, value: claims }
      if (!isObject(status)) return refused('status is no object')
      const { status_list: reference } = status
      // Another mechanism than a list: nothing that is known here speaks against the token.
      if (reference === undefined) return { ok: true, value: claims }
      const { idx, uri } = isObject(reference) ? reference : ({} as JsonObject)
      if (typeof uri !== 'string' || !Number.isSafeInteger(idx) || (idx as number) < 0)
        return refused('status_list names no place in a list')
      const found = (await listAt(uri).get()).at(idx as number)
      if (found === undefined) return refused('its place lies beyond the end of the status list')
      return found === 0 ? { ok: true, value: claims } : refused('the status list says that the token is not valid')
    },
  }
}

async function load(deps: StatusListsDeps, uri: string): Promise<Loaded<StatusList>> {
  const { text, maxAgeSeconds } = await deps.fetchText({
    url: uri,
    headers: { accept: 'application/statuslist+jwt' },
    type: TYPE,
    longest: LONGEST_LIST,
  })
  const signed = await deps.verify(text)
  if (!signed.ok) throw new TypeError(signed.reason)
  const { iss, sub, iat, exp, ttl, status_list: list } = signed.value
  const now = deps.clock.now()
  if (iss !== undefined && iss !== deps.issuer) throw new TypeError('iss is another issuer')
  if (sub !== uri) throw new TypeError('sub is another list')
  if (!isTime(iat) || iat - deps.leewaySeconds > now) throw new TypeError('iat is no time that has come')
  if (exp !== undefined && !(isTime(exp) && exp + deps.leewaySeconds > now)) throw new TypeError('it has expired')
  if (ttl !== undefined && !(isTime(ttl) && ttl > 0)) throw new TypeError('ttl is no time')
  const limits = [maxAgeSeconds, ttl, exp === undefined ? undefined : exp - now].filter((limit) => limit !== undefined)
  return { value: await readStatusList(list), maxAgeSeconds: limits.length === 0 ? undefined : Math.min(...limits) }
}

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isTime = (value: JsonValue | undefined): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0
