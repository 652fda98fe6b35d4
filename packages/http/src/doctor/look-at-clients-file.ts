import type { SigningAlgorithm } from '@latchkey/core'
import { clientsFileAt } from '../clients-file.ts'
import type { ReadFile } from '../config/environment.ts'
import { problemsOfAlgorithms } from '../resource-algorithms.ts'
import { StartRefused } from '../start-refused.ts'
import type { Finding } from './finding.ts'

const check = 'clients_file'

/**
 * Looks at the clients file: whether it can be read, and every fault of it; and whether its resources want an algorithm
 * that is none of these, where it is known which there are. Hashes nothing.
 */
export function lookAtClientsFile(
  path: string,
  readFile: ReadFile,
  algorithms?: readonly SigningAlgorithm[],
): readonly Finding[] {
  try {
    const { clients, resources } = clientsFileAt(path, readFile)
    const held = [
      counted(clients.length, 'client'),
      ...(resources.length > 0 ? [counted(resources.length, 'resource')] : []),
    ]
    const foreign = algorithms === undefined ? [] : problemsOfAlgorithms(resources, algorithms)
    if (foreign.length > 0)
      return foreign.map((message) => ({ check, status: 'wrong', message, advice: 'set LATCHKEY_SIGNING_ALG' }))
    return [{ check, status: 'ok', message: `${path} holds ${held.join(' and ')}` }]
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error
    return error.problems.map((message) => ({ check, status: 'wrong', message, advice: 'correct the file' }))
  }
}

const counted = (count: number, what: string): string => (count === 1 ? `1 ${what}` : `${count} ${what}s`)
