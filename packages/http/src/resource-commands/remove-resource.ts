import { CommandRefused } from '../cli/command-refused.ts'
import type { Io } from '../cli/io.ts'
import { note, printJson, printLine } from '../cli/print.ts'
import { confirm, isAtTerminal } from '../cli/questions.ts'
import { WrongCall } from '../cli/wrong-call.ts'
import { noSuchResource, resourceOf } from './change-resource.ts'
import { withResources } from './with-resources.ts'

/** What `latchkey resource remove` may be told. */
export interface RemoveResourceOptions {
  readonly yes?: boolean
  readonly json?: boolean
}

/**
 * `latchkey resource remove`: no client gets another token for it. Tokens that are out are not touched.
 *
 * @throws WrongCall when nobody says that it is meant.
 * @throws CommandRefused when there is no such resource, or the answer is no.
 */
export async function removeResourceCommand(
  identifier: string,
  { yes, json }: RemoveResourceOptions,
  io: Io,
): Promise<void> {
  await withResources(io, async (resources) => {
    await resourceOf(resources, identifier)
    if (yes !== true) await ask(identifier, io)
    if (!(await resources.remove(identifier))) throw noSuchResource(identifier)
    if (json === true) printJson(io, { resource: identifier, removed: true })
    else {
      printLine(io, `${identifier} is removed`)
      note(io, 'Tokens for it that are out stay active until they expire; clients that hold it are refused new ones.')
    }
  })
}

async function ask(identifier: string, io: Io): Promise<void> {
  if (!isAtTerminal(io))
    throw new WrongCall([
      `--yes is missing, and there is nobody to ask whether to remove ${JSON.stringify(identifier)}`,
    ])
  if (!(await confirm(io, `Remove the resource ${JSON.stringify(identifier)}, and give no more tokens for it?`)))
    throw new CommandRefused(`${identifier} is not removed`)
}
