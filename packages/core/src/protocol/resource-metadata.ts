import { ACCESS_TOKEN_FORMATS } from '../domain/access-token-format.ts'
import type { JsonValue } from '../domain/json-value.ts'
import { defineResource, type Resource, type ResourceDefinition } from '../domain/resource.ts'
import { SIGNING_ALGORITHMS } from '../domain/signing-key.ts'
import type { PublicKeyEncryption } from '../domain/token-encryption.ts'
import { type Complain, checkName, isObject, type MemberReader, oneOf, text, texts } from './metadata-reader.ts'

/** The words of the clients file, and what each says of a resource. */
const READERS: Readonly<Record<string, MemberReader<ResourceDefinition>>> = {
  resource_name: text((name) => ({ name })),
  scope: text((scope) => ({ scopes: scope.split(' ').filter(Boolean) })),
  scopes: texts((scopes) => ({ scopes })),
  access_token_format: oneOf(ACCESS_TOKEN_FORMATS, (accessTokenFormat) => ({ accessTokenFormat })),
  access_token_ttl: (value, complain) => {
    if (typeof value === 'number') return { accessTokenLifetimeSeconds: value }
    complain('must be a number of seconds')
    return {}
  },
  access_token_signing_alg: oneOf(SIGNING_ALGORITHMS, (accessTokenSigningAlg) => ({ accessTokenSigningAlg })),
  access_token_encryption: (value, complain) => {
    // What is in it is judged with the rest of the resource.
    if (isObject(value)) return { accessTokenEncryption: value as unknown as PublicKeyEncryption }
    complain('must be an object')
    return {}
  },
  claims: (value, complain) => {
    if (isObject(value)) return { claims: value }
    complain('must be an object')
    return {}
  },
}

/** The members that metadata of a resource may have. */
export const RESOURCE_METADATA_MEMBERS: readonly string[] = Object.keys(READERS)

/** The members whose faults are found once they are put together, by their names on the wire. */
const WIRE_NAMES: Readonly<Record<string, string>> = {
  accessTokenFormat: 'access_token_format',
  accessTokenLifetimeSeconds: 'access_token_ttl',
  accessTokenSigningAlg: 'access_token_signing_alg',
  accessTokenEncryption: 'access_token_encryption',
}

/** Reads the metadata of one resource, and complains of all that is wrong with it. */
export function readResourceMetadata(
  identifier: string,
  metadata: JsonValue,
  complain: Complain,
): Resource | undefined {
  if (!isObject(metadata)) {
    complain('must be an object')
    return undefined
  }
  let faults = 0
  const fault: Complain = (problem) => {
    faults += 1
    complain(problem)
  }
  for (const name of Object.keys(metadata)) checkName(name, RESOURCE_METADATA_MEMBERS, fault)
  const definition: ResourceDefinition = Object.assign(
    { identifier },
    ...Object.entries(READERS).map(([name, read]) => {
      const value = metadata[name]
      return value === undefined ? {} : read(value, (problem) => fault(`${name} ${problem}`))
    }),
  )
  if ('scope' in metadata && 'scopes' in metadata) fault('scope and scopes are both given; one of them is enough')
  if (faults > 0) return undefined
  try {
    return defineResource(definition)
  } catch (error) {
    const problem = (error as Error).message.replace(/^resource ".*?": /, '')
    complain(problem.replace(/\baccessToken\w+/g, (name) => WIRE_NAMES[name] ?? name))
    return undefined
  }
}
