import { ACCESS_TOKEN_FORMATS } from '../domain/access-token-format.ts'
import type { JsonValue } from '../domain/json-value.ts'
import { defineResource, type Resource, type ResourceDefinition } from '../domain/resource.ts'
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
  claims: (value, complain) => {
    if (isObject(value)) return { claims: value }
    complain('must be an object')
    return {}
  },
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
  for (const name of Object.keys(metadata)) checkName(name, Object.keys(READERS), fault)
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
    complain((error as Error).message.replace(/^resource ".*?": /, ''))
    return undefined
  }
}
