import type { Resource } from '@latchkey/core'
import type { Io } from '../cli/io.ts'
import { note } from '../cli/print.ts'

/** Says what the service needs before there are tokens for a resource. A command does not know how that is set up. */
export function noteAlgorithm(io: Io, { accessTokenSigningAlg: alg }: Resource): void {
  if (alg !== undefined)
    note(io, `There are tokens for it once the service signs with ${alg}: LATCHKEY_SIGNING_ALG may name several.`)
}
