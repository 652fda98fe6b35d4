import type { ResourceRegistry } from '@latchkey/core'
import type { Io } from '../cli/io.ts'
import { note } from '../cli/print.ts'

/** Says which of the resources that a client now holds nobody has registered: a request that names one is refused. */
export async function noteUnregistered(
  io: Io,
  resources: Pick<ResourceRegistry, 'find'> | undefined,
  identifiers: readonly string[] = [],
): Promise<void> {
  for (const identifier of identifiers)
    if ((await resources?.find(identifier)) === undefined)
      note(io, `${identifier} is not registered yet: latchkey resource add ${identifier} does so.`)
}
