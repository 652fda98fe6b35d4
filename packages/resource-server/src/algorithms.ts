import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '@latchkey/core'

/** A list of algorithms. @throws TypeError that names the option. */
export function algorithmsOf(option: string, algorithms: readonly SigningAlgorithm[]): readonly SigningAlgorithm[] {
  const known = (algorithm: unknown): boolean => SIGNING_ALGORITHMS.some((name) => name === algorithm)
  if (!Array.isArray(algorithms) || algorithms.length === 0 || !algorithms.every(known))
    throw new TypeError(`${option} must be a list of at least one of ${SIGNING_ALGORITHMS.join(', ')}`)
  return [...algorithms]
}
