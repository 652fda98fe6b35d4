import { OAuthError } from '../errors.ts'
import type { Client } from './client.ts'
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
  const asked = parseScope(requested)
  const held = scopesHeldBy(client)
  const granted = asked.filter((name) => {
    const enabled = held.get(name)
    if (enabled === undefined) throw refused('scope that the client does not hold')
    if (!enabled && client.scopePolicy === 'strict') throw refused('scope that the client holds disabled')
    return enabled
  })
  if (granted.length === 0) throw refused('nothing left of the scopes that were asked for')
  return granted
}

const heldScopes = new WeakMap<Client['scopes'], ReadonlyMap<string, boolean>>()

/** The scopes of a client, and whether each is enabled. A store in memory, or a cache, hands out the same client again and again. */
function scopesHeldBy({ scopes }: Client): ReadonlyMap<string, boolean> {
  const known = heldScopes.get(scopes)
  if (known !== undefined) return known
  const enabled = new Map(scopes.map((scope) => [scope.name, scope.enabled]))
  if (Object.isFrozen(scopes) && scopes.every(Object.isFrozen)) heldScopes.set(scopes, enabled)
  return enabled
}

function defaultScopesOf({ scopes, defaultScopes }: Client): readonly string[] {
  const enabled = scopes.filter((scope) => scope.enabled).map(({ name }) => name)
  return defaultScopes === undefined ? enabled : defaultScopes.filter((name) => enabled.includes(name))
}

const refused = (reason: string): OAuthError =>
  new OAuthError('invalid_scope', 'the client may not have this scope', {
    reason,
  })
