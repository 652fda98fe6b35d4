import type { Resource } from '@latchkey/core'
import type { Io } from '../cli/io.ts'
import { printFields, printTable } from '../cli/print.ts'

const NONE = '-'

/** Prints resources for people, one on a line. */
export function printResources(io: Io, resources: readonly Resource[]): void {
  const rows = resources.map((resource) => [
    resource.identifier,
    resource.accessTokenFormat ?? NONE,
    shownLifetime(resource) ?? NONE,
    shownScopes(resource),
    resource.name ?? NONE,
  ])
  printTable(io, ['RESOURCE', 'FORMAT', 'TTL', 'SCOPES', 'NAME'], rows)
}

/** Prints one resource for people, with all that is known of it. */
export function printResource(io: Io, resource: Resource): void {
  printFields(io, [
    ['resource', resource.identifier],
    ['resource_name', resource.name ?? NONE],
    ['scopes', shownScopes(resource)],
    ['access_token_format', resource.accessTokenFormat ?? "the client's or the server's"],
    ['access_token_ttl', shownLifetime(resource) ?? "the client's or the server's"],
    ['access_token_signing_alg', resource.accessTokenSigningAlg ?? "the server's"],
    ['access_token_encryption', shownEncryption(resource) ?? "the server's"],
    ['claims', resource.claims === undefined ? NONE : JSON.stringify(resource.claims)],
    ['version', String(resource.version)],
  ])
}

const shownScopes = ({ scopes }: Resource): string => scopes.join(' ') || NONE

const shownEncryption = ({ accessTokenEncryption: encryption }: Resource): string | undefined => {
  if (encryption === undefined) return undefined
  const { alg, enc, key } = encryption
  return `${alg} ${enc}, to ${key['kid'] ?? `a key of the type ${key['kty']}`}`
}

const shownLifetime = ({ accessTokenLifetimeSeconds: lifetime }: Resource): string | undefined =>
  lifetime === undefined ? undefined : `${lifetime} s`
