import type { Client, ClientRegistry } from '@latchkey/core'
import { CommandRefused } from '../cli/command-refused.ts'

/** There is no such client. */
export const noSuchClient = (id: string): CommandRefused =>
  new CommandRefused(`there is no client ${JSON.stringify(id.slice(0, 255))}; latchkey client list shows them`)

/**
 * Finds a client that must be there.
 *
 * @throws CommandRefused when it is not.
 */
export async function clientOf(clients: Pick<ClientRegistry, 'find'>, id: string): Promise<Client> {
  const client = await clients.find(id)
  if (client === undefined) throw noSuchClient(id)
  return client
}

/**
 * Changes a client, on top of whatever others write at the same time: `change` may be asked again, of a newer one. The
 * client that it returns as it was is not written.
 *
 * @returns the client as it is now.
 * @throws CommandRefused when there is none; and what `change` throws.
 */
export async function changeClient(
  clients: ClientRegistry,
  id: string,
  change: (client: Client) => Client,
): Promise<Client> {
  for (;;) {
    const client = await clientOf(clients, id)
    const changed = change(client)
    if (changed === client) return client
    if (await clients.replace(changed, client.version)) return { ...changed, version: client.version + 1 }
  }
}
