import { type JsonObject, type RegisteredClient, readClientMetadata } from '@latchkey/core'
import { WrongCall } from '../cli/wrong-call.ts'

/**
 * Reads what was said of a client, by the rules of the clients file.
 *
 * @throws WrongCall with every fault, none of which repeats a secret.
 */
export function readRegistration(id: string, metadata: JsonObject): RegisteredClient {
  const problems: string[] = []
  const registration = readClientMetadata(id, metadata, (problem) => problems.push(problem))
  if (registration === undefined) throw new WrongCall(problems)
  return registration
}
