import type { JsonObject, JsonValue } from '../domain/json-value.ts'
import { type RegisteredClient, readClientMetadata } from './client-metadata.ts'
import { isObject } from './metadata-reader.ts'
import { parseStrictJson } from './strict-json.ts'

/** What a clients file says. */
export interface ClientsFile {
  readonly clients: readonly RegisteredClient[]
}

/** The names of the wrapped form. They are reserved: a file that has no others at its top is in that form. */
const WRAPPER_NAMES: readonly string[] = ['clients', 'resources']

/**
 * Reads a clients file: JSON, keyed by client id, in the words of RFC 7591; or wrapped, `{"clients": {…}}`.
 *
 * @throws TypeError that lists every fault, one on a line, each with its client and member, and repeats no secret.
 */
export function parseClientsFile(content: string): ClientsFile {
  const file = parseStrictJson(content)
  const problems: string[] = []
  const clients = Object.entries(clientsIn(file, problems)).flatMap(([id, metadata]) => {
    const shown = JSON.stringify(id.slice(0, 80))
    return readClientMetadata(id, metadata, (problem) => problems.push(`client ${shown}: ${problem}`)) ?? []
  })
  if (problems.length > 0) throw new TypeError(problems.join('\n'))
  return { clients }
}

function clientsIn(file: JsonValue, problems: string[]): JsonObject {
  if (!isObject(file)) {
    problems.push('it must be an object, keyed by client id')
    return {}
  }
  const names = Object.keys(file)
  const { clients, resources } = file
  if (names.length === 0 || !names.every((name) => WRAPPER_NAMES.includes(name))) return file
  if (resources !== undefined) problems.push('resources are not known to this version')
  if (clients !== undefined && isObject(clients)) return clients
  problems.push('clients must be an object, keyed by client id')
  return {}
}
