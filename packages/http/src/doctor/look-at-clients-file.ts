import type { SigningAlgorithm } from '@latchkey/core'
import { clientsFileAt } from '../clients-file.ts'
import type { Config } from '../config/config.ts'
import type { ReadFile } from '../config/environment.ts'
import { problemsOfCertificates } from '../mutual-tls.ts'
import { problemsOfAlgorithms } from '../resource-algorithms.ts'
import { StartRefused } from '../start-refused.ts'
import type { Finding } from './finding.ts'

const check = 'clients_file'

/** What is known of the settings beside the file. */
export interface KnownSettings {
  /** Absent where it is not known which there are. */
  readonly algorithms?: readonly SigningAlgorithm[] | undefined
  readonly mutualTls: Config['mutualTls']
}

/**
 * Looks at the clients file: whether it can be read, and every fault of it; whether its resources want an algorithm that
 * there is not, and whether its clients need certificates that never arrive. Hashes nothing.
 */
export function lookAtClientsFile(path: string, readFile: ReadFile, known?: KnownSettings): readonly Finding[] {
  try {
    const { clients, resources } = clientsFileAt(path, readFile)
    const held = [
      counted(clients.length, 'client'),
      ...(resources.length > 0 ? [counted(resources.length, 'resource')] : []),
    ]
    const foreign = known?.algorithms === undefined ? [] : problemsOfAlgorithms(resources, known.algorithms)
    const blind = known === undefined ? [] : problemsOfCertificates(clients, known.mutualTls)
    const wrong = [
      ...foreign.map((message) => ({ check, status: 'wrong' as const, message, advice: 'set LATCHKEY_SIGNING_ALG' })),
      ...blind.map((message) => ({ check, status: 'wrong' as const, message, advice: 'switch mutual TLS on' })),
    ]
    if (wrong.length > 0) return wrong
    return [{ check, status: 'ok', message: `${path} holds ${held.join(' and ')}` }]
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error
    return error.problems.map((message) => ({ check, status: 'wrong', message, advice: 'correct the file' }))
  }
}

const counted = (count: number, what: string): string => (count === 1 ? `1 ${what}` : `${count} ${what}s`)
