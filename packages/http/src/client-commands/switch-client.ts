import { revokeTokensOfClient, systemClock } from '@latchkey/core'
import { CommandRefused } from '../cli/command-refused.ts'
import type { Io } from '../cli/io.ts'
import { printJson, printLine } from '../cli/print.ts'
import { confirm, isAtTerminal } from '../cli/questions.ts'
import { WrongCall } from '../cli/wrong-call.ts'
import { changeClient, clientOf, noSuchClient } from './change-client.ts'
import { clientDocument } from './client-document.ts'
import { withClients } from './with-clients.ts'

/** What `latchkey client enable`, `disable` and `revoke-tokens` may be told. */
export interface SwitchOptions {
  readonly json?: boolean
}

/** What `latchkey client remove` may be told. */
export interface RemoveClientOptions extends SwitchOptions {
  readonly yes?: boolean
}

/**
 * `latchkey client enable` and `disable`: whether a client gets tokens, and those that it has are active.
 *
 * @throws CommandRefused when there is no such client.
 */
export async function switchClientCommand(
  id: string,
  enabled: boolean,
  { json }: SwitchOptions,
  io: Io,
): Promise<void> {
  await withClients(io, async ({ clients }) => {
    const client = await changeClient(clients, id, (before) =>
      before.enabled === enabled ? before : { ...before, enabled },
    )
    if (json === true) printJson(io, clientDocument(client, systemClock.now()))
    else printLine(io, `${id} is ${enabled ? 'enabled' : 'disabled'}`)
  })
}

/**
 * `latchkey client revoke-tokens`: makes every token that a client has inactive.
 *
 * @throws CommandRefused when there is no such client.
 */
export async function revokeTokensCommand(id: string, { json }: SwitchOptions, io: Io): Promise<void> {
  await withClients(io, async ({ clients }) => {
    if (!(await revokeTokensOfClient({ clients }, id))) throw noSuchClient(id)
    if (json === true) printJson(io, clientDocument(await clientOf(clients, id), systemClock.now()))
    else printLine(io, `every token that ${id} had is revoked`)
  })
}

/**
 * `latchkey client remove`: the client is unknown from now on, and its tokens are inactive.
 *
 * @throws WrongCall when nobody says that it is meant.
 * @throws CommandRefused when there is no such client, or the answer is no.
 */
export async function removeClientCommand(id: string, { yes, json }: RemoveClientOptions, io: Io): Promise<void> {
  await withClients(io, async ({ clients }) => {
    await clientOf(clients, id)
    if (yes !== true) await ask(id, io)
    if (!(await clients.remove(id))) throw noSuchClient(id)
    if (json === true) printJson(io, { client_id: id, removed: true })
    else printLine(io, `${id} is removed`)
  })
}

async function ask(id: string, io: Io): Promise<void> {
  if (!isAtTerminal(io))
    throw new WrongCall([`--yes is missing, and there is nobody to ask whether to remove ${JSON.stringify(id)}`])
  if (!(await confirm(io, `Remove the client ${JSON.stringify(id)}, and make its tokens inactive?`)))
    throw new CommandRefused(`${id} is not removed`)
}
