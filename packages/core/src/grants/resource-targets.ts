import type { Client } from '../domain/client.ts'
import type { Resource } from '../domain/resource.ts'
import { OAuthError } from '../errors.ts'
import type { ResourceRepository } from '../ports/resource-repository.ts'
import type { Form } from '../protocol/form.ts'

/** Decides for which resources a token may be, and whether its scopes mean something to them (RFC 8707 §2). */
export interface ResourceTargets {
  /**
   * The resources of these identifiers.
   *
   * @throws OAuthError `invalid_target` when there are too many, the client does not hold one of them, it is not
   *   registered, or one token cannot be for all of them.
   */
  named(identifiers: readonly string[], client: Client): Promise<readonly Resource[]>
  /**
   * Judges what was granted: every scope must mean something to every resource that is named. Where none is, the scopes of
   * one resource that the client holds may not stand beside those of another (RFC 9068 §3). No promise where no resource has
   * to be looked up for that.
   *
   * @throws OAuthError `invalid_scope`
   */
  judge(scopes: readonly string[], client: Client, named: readonly Resource[]): Promise<void> | void
}

/**
 * What a request names by `resource`, or by `audience`, which other servers' clients send: each once.
 *
 * @throws OAuthError `invalid_target` when it says one thing by the one and another by the other.
 */
export function identifiersIn(form: Form): readonly string[] {
  const [named, alsoNamed] = [form.getAll('resource'), form.getAll('audience')]
  if (named.length + alsoNamed.length === 0) return named
  const [resources, audiences] = [new Set(named), new Set(alsoNamed)]
  if (resources.size === 0) return [...audiences]
  if (audiences.size > 0 && new Set([...resources, ...audiences]).size > Math.min(resources.size, audiences.size))
    throw refusedTarget('resource and audience that differ')
  return [...resources]
}

/** A token for more of them opens too much to be meant, and each costs a look-up. */
const MOST_NAMED = 10

/** Decides by the registered resources. A resource is looked up only if the client holds it. */
export function createResourceTargets(resources: ResourceRepository): ResourceTargets {
  async function judgeMixture(scopes: readonly string[], held: readonly string[]): Promise<void> {
    const known = (await Promise.all(held.map(async (identifier) => resources.find(identifier)))).flatMap(
      (resource) => resource ?? [],
    )
    const owned = scopes.filter((scope) => known.some((resource) => resource.scopes.includes(scope)))
    if (owned.length === 0 || known.some((resource) => owned.every((scope) => resource.scopes.includes(scope)))) return
    throw refusedScope(
      'the scopes belong to several resources: name the one that the token is for',
      'scopes of several resources, and none is named',
    )
  }

  return {
    async named(identifiers, { resources: held = [] }) {
      if (identifiers.length > MOST_NAMED) throw refusedTarget(`more than ${MOST_NAMED} resources`)
      if (!identifiers.every((identifier) => held.includes(identifier)))
        throw refusedTarget('resource that the client does not hold')
      const found = await Promise.all(identifiers.map(async (identifier) => resources.find(identifier)))
      if (!found.every((resource) => resource !== undefined))
        throw refusedTarget('resource that the client holds, and that is not registered')
      if (!canShareAToken(found)) throw refusedTarget('resources of which each wants a token of another kind')
      return found
    },
    judge(scopes, { resources: held = [] }, named) {
      if (named.length > 0) {
        if (scopes.every((scope) => named.every((resource) => resource.scopes.includes(scope)))) return
        throw refusedScope('a scope does not belong to every resource that is named', 'scope of another resource')
      }
      // One scope is never a mixture, and neither are the scopes of one resource.
      return scopes.length < 2 || held.length < 2 ? undefined : judgeMixture(scopes, held)
    },
  }
}

/**
 * A token has one format, one signature, and each claim once: nobody could say whose value would count. One that is
 * encrypted can be read by those alone whose key it is.
 */
function canShareAToken(resources: readonly Resource[]): boolean {
  const formats = new Set(resources.flatMap(({ accessTokenFormat }) => accessTokenFormat ?? []))
  const algorithms = new Set(resources.flatMap(({ accessTokenSigningAlg }) => accessTokenSigningAlg ?? []))
  const readers = new Set(resources.map(({ accessTokenEncryption }) => JSON.stringify(accessTokenEncryption)))
  const claims = resources.flatMap((resource) => Object.entries(resource.claims ?? {}))
  const values = new Map(claims.map(([name, value]) => [name, JSON.stringify(value)]))
  return (
    Math.max(formats.size, algorithms.size, readers.size) < 2 &&
    claims.every(([name, value]) => values.get(name) === JSON.stringify(value))
  )
}

const refusedTarget = (reason: string): OAuthError =>
  new OAuthError('invalid_target', 'the client may not have a token for this resource', { reason })

const refusedScope = (message: string, reason: string): OAuthError =>
  new OAuthError('invalid_scope', message, { reason })
