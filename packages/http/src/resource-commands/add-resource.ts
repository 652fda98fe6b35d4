import { CommandRefused } from '../cli/command-refused.ts'
import type { Io } from '../cli/io.ts'
import { note, printJson, printLine } from '../cli/print.ts'
import { noteAlgorithm } from './note-algorithm.ts'
import { readResource } from './read-resource.ts'
import { resourceDocument } from './resource-document.ts'
import { metadataOfOptions, type ResourceOptions } from './resource-options.ts'
import { withResources } from './with-resources.ts'

/** What `latchkey resource add` may be told. */
export interface AddResourceOptions extends ResourceOptions {
  readonly json?: boolean
}

/**
 * `latchkey resource add`: registers a resource. Clients get tokens for it once they hold it.
 *
 * @throws WrongCall when what is said of it cannot be.
 * @throws CommandRefused when its identifier is taken.
 */
export async function addResourceCommand(identifier: string, options: AddResourceOptions, io: Io): Promise<void> {
  const resource = readResource(identifier, metadataOfOptions(options))
  await withResources(io, async (resources) => {
    if (!(await resources.add(resource)))
      throw new CommandRefused(
        `there is a resource ${JSON.stringify(identifier)} already; latchkey resource update changes it`,
      )
    if (options.json === true) printJson(io, resourceDocument(resource))
    else {
      printLine(io, `${identifier} is registered`)
      note(io, `latchkey client update <id> --resource ${identifier} lets a client get tokens for it.`)
      noteAlgorithm(io, resource)
    }
  })
}
