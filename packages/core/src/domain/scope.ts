import { OAuthError } from '../errors.ts'
import type { Client, ClientScope } from './client.ts'
import type { Resource } from './resource.ts'

/** Scope tokens with single spaces between them (RFC 6749 §3.3 and Appendix A.4). */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/

/**
 * The scopes of a `scope` parameter, each once, in the order in which they were asked for.
 *
 * @throws OAuthError `invalid_scope` when the text is not words with single spaces between them.
 */
export function parseScope(text: string): readonly string[] {
  if (!SCOPE.test(text))
    throw new OAuthError('invalid_scope', 'scope must be words of printable ASCII, single spaces between them')
  return text.includes(' ') ? [...new Set(text.split(' '))] : [text]
}

/** Lists that were granted and are going to be granted again, each with its text. They cannot change, and are words alone. */
const remembered = new WeakMap<readonly string[], string>()

/** Scopes as RFC 6749 §3.3 writes them. */
export const scopeTextOf = (scopes: readonly string[]): string => remembered.get(scopes) ?? scopes.join(' ')

/** Whether a list is one that {@link grantScopes} made and hands out again: it is frozen, and each of it is a scope's word. */
export const isRemembered = (scopes: readonly string[]): boolean => remembered.has(scopes)

/**
 * Decides which scopes a client gets (RFC 6749 §3.3). To be asked only once the client has authenticated, so that a
 * stranger learns nothing about scopes.
 *
 * @param requested the `scope` parameter, or `undefined` where it was left out.
 * @param named the resources that the token is for: of the default scopes only those count that mean something to each.
 * @throws OAuthError `invalid_scope` when the client may not have what it asks for.
 */
export function grantScopes(
  requested: string | undefined,
  client: Client,
  named: readonly Resource[] = [],
): readonly string[] {
  if (requested === undefined)
    return defaultScopesOf(client).filter((name) => named.every(({ scopes }) => scopes.includes(name)))
  const recent = recentGrantsOf(client)
  const before = recent?.granted.get(requested)
  if (before !== undefined) return before
  const asked = parseScope(requested)
  const held = recent?.held ?? scopesHeldBy(client)
  const granted = asked.flatMap((word) => {
    const scope = held.get(word)
    if (scope === undefined) throw refused('scope that the client does not hold')
    if (!scope.enabled && client.scopePolicy === 'strict') throw refused('scope that the client holds disabled')
    return scope.enabled ? scope.name : []
  })
  if (granted.length === 0) throw refused('nothing left of the scopes that were asked for')
  if (recent !== undefined) remember(granted, requested, recent)
  return granted
}

/** What a client got for what it asked for: most ask for the same again and again. */
interface RecentGrants {
  readonly held: ReadonlyMap<string, ClientScope>
  readonly granted: Map<string, readonly string[]>
}

/** Of each client. What it asks for beyond that is worked out anew. */
const MOST_REMEMBERED = 4

const recentGrants = new WeakMap<Client, RecentGrants>()

/** None of a client that can change: a store in memory, or a cache, hands out the same frozen one again and again. */
function recentGrantsOf(client: Client): RecentGrants | undefined {
  const before = recentGrants.get(client)
  if (before !== undefined) return before
  const { scopes } = client
  if (!Object.isFrozen(client) || !Object.isFrozen(scopes) || !scopes.every(Object.isFrozen)) return undefined
  const recent = { held: scopesHeldBy(client), granted: new Map() }
  recentGrants.set(client, recent)
  return recent
}

function remember(granted: readonly string[], requested: string, { granted: before }: RecentGrants): void {
  if (before.size >= MOST_REMEMBERED) return
  // In the client's own words: a text that was cut out of a request would keep all of the request in memory.
  const text = granted.join(' ')
  if (text !== requested) return
  remembered.set(Object.freeze(granted), text)
  before.set(text, granted)
}

const scopesHeldBy = ({ scopes }: Client): ReadonlyMap<string, ClientScope> =>
  new Map(scopes.map((scope) => [scope.name, scope]))

function defaultScopesOf({ scopes, defaultScopes }: Client): readonly string[] {
  const enabled = scopes.filter((scope) => scope.enabled).map(({ name }) => name)
  return defaultScopes === undefined ? enabled : defaultScopes.filter((name) => enabled.includes(name))
}

const refused = (reason: string): OAuthError =>
  new OAuthError('invalid_scope', 'the client may not have this scope', {
    reason,
  })
