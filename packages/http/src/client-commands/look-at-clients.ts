import { type Client, type ClientRegistry, systemClock } from '@latchkey/core'
import type { Io } from '../cli/io.ts'
import { note, printJson } from '../cli/print.ts'
import { clientOf } from './change-client.ts'
import { clientDocument, credentialDocuments } from './client-document.ts'
import { printClient, printClients, printCredentials } from './client-table.ts'
import { withClients } from './with-clients.ts'

/** What the commands that only look may be told. */
export interface LookOptions {
  readonly json?: boolean
}

const PAGE = 1000

/** `latchkey client list`: every client, by the order of their ids. */
export async function listClientsCommand({ json }: LookOptions, io: Io): Promise<void> {
  await withClients(io, async ({ clients }) => {
    const all = await everyClient(clients)
    const now = systemClock.now()
    if (json === true) printJson(io, { clients: all.map((client) => clientDocument(client, now)) })
    else if (all.length > 0) printClients(io, all, now)
    else note(io, 'There is no client yet; latchkey client add <id> registers one.')
  })
}

async function everyClient(clients: Pick<ClientRegistry, 'list'>): Promise<readonly Client[]> {
  const all: Client[] = []
  let after: string | undefined
  do {
    const page = await clients.list({ limit: PAGE, ...(after !== undefined && { after }) })
    all.push(...page.clients)
    after = page.next
  } while (after !== undefined)
  return all
}

/**
 * `latchkey client show`: all that is known of a client.
 *
 * @throws CommandRefused when there is none.
 */
export async function showClientCommand(id: string, { json }: LookOptions, io: Io): Promise<void> {
  await withClients(io, async ({ clients, credentialUses }) => {
    const client = await clientOf(clients, id)
    const uses = await credentialUses?.of(id)
    const now = systemClock.now()
    if (json === true) printJson(io, clientDocument(client, now, uses))
    else printClient(io, client, now, uses)
  })
}

/**
 * `latchkey client credential list`: by what a client authenticates, and when it last did.
 *
 * @throws CommandRefused when there is no such client.
 */
export async function listCredentialsCommand(id: string, { json }: LookOptions, io: Io): Promise<void> {
  await withClients(io, async ({ clients, credentialUses }) => {
    const client = await clientOf(clients, id)
    const uses = await credentialUses?.of(id)
    const now = systemClock.now()
    if (json === true) printJson(io, { client_id: id, credentials: credentialDocuments(client, now, uses) })
    else if (client.credentials.length > 0) printCredentials(io, client, now, uses)
    else note(io, `${id} has no credential; latchkey client credential add ${id} gives it one.`)
  })
}
