import { type Client, type ClientRegistry, createSecretSeal, type SecretSeal, systemClock } from '@latchkey/core'
import { clientsFileAt, problemsOfSealing } from '../clients-file.ts'
import type { Config } from '../config/config.ts'
import type { ReadFile } from '../config/environment.ts'
import { StartRefused } from '../start-refused.ts'
import { addressOf, openAdapterAt } from '../storage/open-adapter.ts'
import type { Finding } from './finding.ts'

const check = 'clients'
const PAGE = 1000
/** So many are named; what is to be done is the same for the others. */
const NAMED = 5

/** Looks at the clients that sign with their secret: whether it can be opened, and with which master key. */
export async function lookAtSealedSecrets(
  config: Config,
  directory: string,
  readFile: ReadFile,
): Promise<readonly Finding[]> {
  const { clientStorage, signing } = config
  try {
    const { adapter } = await openAdapterAt(clientStorage, addressOf(clientStorage, directory))
    try {
      // What it forgets is sealed anew with every start.
      if (adapter.forgetful === true || adapter.clients === undefined) return []
      if (((await adapter.migrations?.pending()) ?? []).length > 0) return []
      const signers = await signingClients(adapter.clients)
      const { masterKey, previousMasterKey } = signing
      if (masterKey === undefined) return [...lookAtFile(config, readFile), ...withoutMasterKey(signers)]
      return await lookAtSeals(signers, masterKey, previousMasterKey)
    } finally {
      await adapter.close()
    }
  } catch {
    // The look at the storage says what is wrong with it.
    return []
  }
}

async function signingClients(clients: Pick<ClientRegistry, 'list'>): Promise<readonly Client[]> {
  const found: Client[] = []
  let after: string | undefined
  do {
    const page = await clients.list({ limit: PAGE, ...(after !== undefined && { after }) })
    found.push(...page.clients.filter(({ tokenEndpointAuthMethod: method }) => method === 'client_secret_jwt'))
    after = page.next
  } while (after !== undefined)
  return found
}

/** What is wrong with the file otherwise was told when it was looked at. */
function lookAtFile({ clientsFile }: Config, readFile: ReadFile): readonly Finding[] {
  try {
    if (clientsFile === undefined) return []
    return clientsFileAt(clientsFile, readFile).clients.flatMap((client) =>
      problemsOfSealing(client, {}).map((problem) => ({
        check: 'clients_file',
        status: 'wrong',
        message: `LATCHKEY_CLIENTS_FILE: ${clientsFile}: client ${JSON.stringify(client.definition.id)}: ${problem}`,
        advice: MAKE_KEY,
      })),
    )
  } catch (error) {
    if (error instanceof StartRefused) return []
    throw error
  }
}

const MAKE_KEY =
  'node -p "crypto.randomBytes(32).toString(\'base64url\')" makes one; keep it apart from the storage. private_key_jwt needs none'

const withoutMasterKey = (clients: readonly Client[]): readonly Finding[] =>
  findingOf(clients, 'warning', 'signs with its secret, and gets no tokens without LATCHKEY_MASTER_KEY', MAKE_KEY)

async function lookAtSeals(
  clients: readonly Client[],
  masterKey: string,
  previousMasterKey: string | undefined,
): Promise<readonly Finding[]> {
  const present = createSecretSeal({ masterKey })
  const both = createSecretSeal({ masterKey, previousMasterKey })
  const [none, lost, old]: [Client[], Client[], Client[]] = [[], [], []]
  for (const client of clients)
    if (sealsOf(client).length === 0) none.push(client)
    else if (!(await opensAll(both, client))) lost.push(client)
    else if (!(await opensAll(present, client))) old.push(client)
  return [
    ...findingOf(none, 'warning', 'signs with its secret, and has none that it could sign with', NEW_SECRET),
    ...findingOf(
      lost,
      'warning',
      'has a secret that neither master key opens, and gets 503 for its assertions',
      NEW_SECRET,
    ),
    ...findingOf(
      old,
      'warning',
      'has a secret that only LATCHKEY_MASTER_KEY_PREVIOUS opens',
      `${NEW_SECRET}; take the previous key away after that`,
    ),
  ]
}

const NEW_SECRET = 'latchkey client credential add <id> --overlap 7d makes a new secret, and lets the others end'

const sealsOf = ({ credentials }: Client) =>
  credentials.flatMap(({ id, origin, expiresAt = Number.POSITIVE_INFINITY, ...credential }) =>
    credential.kind === 'secret' && credential.sealed !== undefined && expiresAt > systemClock.now()
      ? [{ id, origin, sealed: credential.sealed }]
      : [],
  )

async function opensAll(seal: SecretSeal, client: Client): Promise<boolean> {
  for (const { id, origin, sealed } of sealsOf(client)) {
    // What no longer opens is sealed anew when the file is read at the next start.
    if (origin === 'file') continue
    const opened = seal.unseal({ clientId: client.id, credentialId: id }, sealed)
    const isOpen = await opened.then(
      () => true,
      () => false,
    )
    if (!isOpen) return false
  }
  return true
}

function findingOf(
  clients: readonly Client[],
  status: Finding['status'],
  what: string,
  advice: string,
): readonly Finding[] {
  if (clients.length === 0) return []
  const named = clients.slice(0, NAMED).map(({ id }) => JSON.stringify(id))
  const more = clients.length - named.length
  const who = [...named, ...(more > 0 ? [`${more} more`] : [])].join(', ')
  return [{ check, status, message: `a client ${what}: ${who}`, advice }]
}
