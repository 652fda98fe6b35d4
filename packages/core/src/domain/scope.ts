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

const texts = new WeakMap<readonly string[], string>()

/** Scopes as RFC 6749 §3.3 writes them. A list that cannot change is written once, since it is granted again and again. */
export function scopeTextOf(scopes: readonly string[]): string {
  const before = texts.get(scopes)
  if (before !== undefined) return before
  const text = scopes.join(' ')
  if (Object.isFrozen(scopes)) texts.set(scopes, text)
  return text
}

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
  const known = knownOf(client)
  if (requested === undefined) {
    const { byDefault } = known
    return named.length === 0
      ? byDefault
      : byDefault.filter((name) => named.every(({ scopes }) => scopes.includes(name)))
  }
  const before = known.granted.get(requested)
  if (before !== undefined) return before
  const granted = parseScope(requested).flatMap((name) => {
    const scope = known.held.get(name)
    if (scope === undefined) throw refused('scope that the client does not hold')
    if (!scope.enabled && client.scopePolicy === 'strict') throw refused('scope that the client holds disabled')
    return scope.enabled ? scope.name : []
  })
  if (granted.length === 0) throw refused('nothing left of the scopes that were asked for')
  // In the client's own words: a text that was cut out of a request would keep all of the request in memory.
  const words = granted.join(' ')
  if (words === requested && known.granted.size < MOST_GRANTED) known.granted.set(words, Object.freeze(granted))
  return granted
}

/** What follows from a client's record for each of its requests. */
interface KnownScopes {
  readonly held: ReadonlyMap<string, ClientScope>
  readonly byDefault: readonly string[]
  /** What it got for what it asked for. Most clients ask for the same again and again. */
  readonly granted: Map<string, readonly string[]>
}

/** Of each client. What it asks for beyond that is worked out anew. */
const MOST_GRANTED = 16

const knownScopes = new WeakMap<Client, KnownScopes>()

/** Remembered while the client cannot change: a store in memory, or a cache, hands out the same one again and again. */
function knownOf(client: Client): KnownScopes {
  const before = knownScopes.get(client)
  if (before !== undefined) return before
  const { scopes, defaultScopes } = client
  const enabled = scopes.filter((scope) => scope.enabled).map(({ name }) => name)
  const known: KnownScopes = {
    held: new Map(scopes.map((scope) => [scope.name, scope])),
    byDefault: Object.freeze(defaultScopes?.filter((name) => enabled.includes(name)) ?? enabled),
    granted: new Map(),
  }
  if ([client, scopes, ...scopes, defaultScopes].every(Object.isFrozen)) knownScopes.set(client, known)
  return known
}

const refused = (reason: string): OAuthError =>
  new OAuthError('invalid_scope', 'the client may not have this scope', {
    reason,
  })
