import type { JsonObject, JsonValue } from '../domain/json-value.ts'
import type { Resource } from '../domain/resource.ts'
import { type RegisteredClient, readClientMetadata } from './client-metadata.ts'
import { type Complain, isObject } from './metadata-reader.ts'
import { readResourceMetadata } from './resource-metadata.ts'
import { parseStrictJson } from './strict-json.ts'

/** What a clients file says. */
export interface ClientsFile {
  readonly clients: readonly RegisteredClient[]
  readonly resources: readonly Resource[]
}

/** The names of the wrapped form. They are reserved: a file that has no others at its top is in that form. */
const WRAPPER_NAMES: readonly string[] = ['clients', 'resources']

/**
 * Reads a clients file: JSON, keyed by client id, in the words of RFC 7591; or wrapped,
 * `{"clients": {…}, "resources": {…}}`, either of which may be left out.
 *
 * @throws TypeError that lists every fault, one on a line, each with its client or resource and member, and repeats no
 *   secret.
 */
export function parseClientsFile(content: string): ClientsFile {
  const problems: string[] = []
  const file = partsOf(parseStrictJson(content), problems)
  const read = {
    clients: Object.entries(file.clients).flatMap(
      ([id, metadata]) => readClientMetadata(id, metadata, complaintOf('client', id, problems)) ?? [],
    ),
    resources: Object.entries(file.resources).flatMap(
      ([id, metadata]) => readResourceMetadata(id, metadata, complaintOf('resource', id, problems)) ?? [],
    ),
  }
  if (problems.length > 0) throw new TypeError(problems.join('\n'))
  return read
}

const complaintOf =
  (what: string, name: string, problems: string[]): Complain =>
  (problem) =>
    void problems.push(`${what} ${JSON.stringify(name.slice(0, 80))}: ${problem}`)

function partsOf(file: JsonValue, problems: string[]): Readonly<Record<'clients' | 'resources', JsonObject>> {
  if (!isObject(file)) {
    problems.push('it must be an object, keyed by client id')
    return { clients: {}, resources: {} }
  }
  const names = Object.keys(file)
  if (names.length === 0 || !names.every((name) => WRAPPER_NAMES.includes(name)))
    return { clients: file, resources: {} }
  return {
    clients: partOf(file, 'clients', 'keyed by client id', problems),
    resources: partOf(file, 'resources', 'keyed by identifier', problems),
  }
}

function partOf(file: JsonObject, name: string, key: string, problems: string[]): JsonObject {
  const part = file[name] ?? {}
  if (isObject(part) && file[name] !== null) return part
  problems.push(`${name} must be an object, ${key}`)
  return {}
}
