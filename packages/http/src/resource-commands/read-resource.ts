import { type JsonObject, type Resource, readResourceMetadata } from '@latchkey/core'
import { WrongCall } from '../cli/wrong-call.ts'

/**
 * Reads what was said of a resource, by the rules of the clients file.
 *
 * @throws WrongCall with every fault.
 */
export function readResource(identifier: string, metadata: JsonObject): Resource {
  const problems: string[] = []
  const resource = readResourceMetadata(identifier, metadata, (problem) => problems.push(problem))
  if (resource === undefined) throw new WrongCall(problems)
  return resource
}
