import { FAPI2_ALGORITHMS } from '@latchkey/core'

/** The algorithms that FAPI 2.0 takes, for messages. */
export const LIST: string = FAPI2_ALGORITHMS.join(', ')

/** Those that it does not take. */
export const othersOf = (algorithms: readonly string[]): readonly string[] =>
  algorithms.filter((alg) => !FAPI2_ALGORITHMS.some((known) => known === alg))
