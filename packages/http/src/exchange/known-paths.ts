import type { EndpointPaths, OAuthError } from '@latchkey/core'
import { methodNotAllowed, notFound } from './refusal.ts'

/** Every path at which something is, and the methods that it knows, as `Allow` has them. */
export type KnownPaths = ReadonlyMap<string, string>

const FORM = 'POST'
const DOCUMENT = 'GET, HEAD'

/** The paths of an authorization server, and of the documents beside it. */
export const knownPaths = (paths: EndpointPaths, documents: readonly string[] = []): KnownPaths =>
  new Map([
    ...[paths.token, paths.introspection, paths.revocation].map((path) => [path, FORM] as const),
    ...[paths.metadata, paths.openidConfiguration, ...(paths.jwks === undefined ? [] : [paths.jwks]), ...documents].map(
      (path) => [path, DOCUMENT] as const,
    ),
  ])

/** Why a request that fits no route is refused: the path is unknown, or the method is. */
export function unroutable(paths: KnownPaths, path: string): OAuthError {
  const allow = paths.get(path)
  return allow === undefined ? notFound() : methodNotAllowed(allow)
}
