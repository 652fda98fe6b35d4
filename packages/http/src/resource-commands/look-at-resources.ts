import type { Io } from '../cli/io.ts'
import { note, printJson } from '../cli/print.ts'
import { resourceOf } from './change-resource.ts'
import { resourceDocument } from './resource-document.ts'
import { printResource, printResources } from './resource-table.ts'
import { withResources } from './with-resources.ts'

/** What the commands that only look may be told. */
export interface LookOptions {
  readonly json?: boolean
}

/** `latchkey resource list`: every resource, by the order of their identifiers. */
export async function listResourcesCommand({ json }: LookOptions, io: Io): Promise<void> {
  await withResources(io, async (resources) => {
    const all = await resources.list()
    if (json === true) printJson(io, { resources: all.map(resourceDocument) })
    else if (all.length > 0) printResources(io, all)
    else note(io, 'There is no resource yet; latchkey resource add <identifier> registers one.')
  })
}

/**
 * `latchkey resource show`: all that is known of a resource.
 *
 * @throws CommandRefused when there is none.
 */
export async function showResourceCommand(identifier: string, { json }: LookOptions, io: Io): Promise<void> {
  await withResources(io, async (resources) => {
    const resource = await resourceOf(resources, identifier)
    if (json === true) printJson(io, resourceDocument(resource))
    else printResource(io, resource)
  })
}
