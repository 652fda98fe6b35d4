import {
  addClient,
  type Client,
  type ClientRegistry,
  clientFromRegistration,
  parseClientsFile,
  type RegisteredClient,
} from '@latchkey/core'
import { cannotRead, type ReadFile } from './config/environment.ts'
import { messageOf, StartRefused } from './start-refused.ts'

/** What {@link applyClientsFile} takes. */
export interface ClientsFileDeps {
  readonly clients: ClientRegistry
  /** Whether the registry forgets with the process, so that every start registers every client for the first time. */
  readonly forgetful: boolean
  readonly readFile: ReadFile
}

/** How many secrets are hashed at once: each takes 32 MiB, and one of Node's four worker threads. */
const HASHED_AT_ONCE = 2

/**
 * Writes the clients of a file to the registry: those that are new are added, the others replaced. Clients that the file
 * does not name stay as they are.
 *
 * @returns how many there are.
 * @throws StartRefused with every fault of the file, or when it cannot be read.
 */
export async function applyClientsFile(path: string, deps: ClientsFileDeps): Promise<number> {
  const registrations = registrationsIn(path, deps.readFile)
  const waiting = registrations.values()
  const worker = async (): Promise<void> => {
    for (const registration of waiting) await register(await clientFromRegistration(registration), deps)
  }
  await Promise.all(Array.from({ length: HASHED_AT_ONCE }, worker))
  return registrations.length
}

export function registrationsIn(path: string, readFile: ReadFile): readonly RegisteredClient[] {
  let content: string
  try {
    content = readFile(path)
  } catch (error) {
    throw new StartRefused([`LATCHKEY_CLIENTS_FILE: ${cannotRead(path, error)}`])
  }
  try {
    return parseClientsFile(content).clients
  } catch (error) {
    const problems = messageOf(error).split('\n')
    throw new StartRefused(problems.map((problem) => `LATCHKEY_CLIENTS_FILE: ${path}: ${problem}`))
  }
}

/** Another node may be doing the same at this moment, so that either step can lose against it and is tried again. */
async function register(client: Client, { clients, forgetful }: Omit<ClientsFileDeps, 'readFile'>): Promise<void> {
  for (;;) {
    const existing = await clients.find(client.id)
    if (existing !== undefined) {
      // Whatever made its earlier tokens void still does.
      const { tokensValidFrom } = existing
      if (await clients.replace({ ...client, tokensValidFrom }, existing.version)) return
      continue
    }
    // In a registry that forgets, the client of before is this one, and its tokens may well be kept elsewhere.
    if (forgetful ? await clients.add(client) : await addClient({ clients }, client)) return
  }
}
