import { existsSync } from 'node:fs'
import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type {
  AccessTokenRecord,
  Client,
  ClientRegistry,
  CredentialUse,
  CredentialUses,
  OpenAdapter,
  ReplayGuard,
  Sweeper,
  TokenStore,
} from '@latchkey/core'

// A complete adapter in one file: everything is kept in memory and written to a journal, one line of JSON for each
// change, on the disk before anybody is told that it happened. One process at a time may open a journal.

// #region open
/** Opens the journal that a `file:` URL names. `LATCHKEY_STORAGE=./write-an-adapter.js#file:///var/lib/latchkey/journal` */
export const openAdapter: OpenAdapter = async (url) => {
  if (url.protocol !== 'file:' || url.href === import.meta.url)
    throw new TypeError('the address must be the file: URL of a journal')
  for (const name of url.searchParams.keys()) throw new TypeError(`the address has an unknown parameter "${name}"`)
  const journal = await openJournal(fileURLToPath(url))
  return {
    clients: createJournalClientRegistry(journal),
    credentialUses: createJournalCredentialUses(journal),
    tokens: createJournalTokenStore(journal),
    replays: createJournalReplayGuard(journal),
    sweeper: createJournalSweeper(journal),
    check: () => journal.written(),
    close: () => journal.close(),
  }
}
// #endregion

// #region tokens
const createJournalTokenStore = (journal: Journal): TokenStore => ({
  async save(record) {
    // Between `has` and `set` nothing is awaited, so that nobody comes in between.
    if (!journal.has('token', record.id)) journal.set('token', record.id, record, record.expiresAt)
    await journal.written()
  },
  find: async (id) =>
    journal.has('revoked', id) ? undefined : (journal.get('token', id) as AccessTokenRecord | undefined),
  async revoke(id, expiresAt) {
    const until = Math.max(expiresAt, (journal.get('revoked', id) as number | undefined) ?? 0)
    journal.set('revoked', id, until, until)
    journal.remove('token', id)
    await journal.written()
  },
  isRevoked: async (id) => journal.has('revoked', id),
})
// #endregion

/** For the methods that tell whether they changed anything: yes, and it is on the disk. */
const durably = (journal: Journal): Promise<boolean> => journal.written().then(() => true)

const createJournalReplayGuard = (journal: Journal): ReplayGuard => ({
  async claim(key, expiresAt) {
    if (journal.has('claimed', key)) return false
    journal.set('claimed', key, true, expiresAt)
    return durably(journal)
  },
})

function createJournalClientRegistry(journal: Journal): ClientRegistry {
  const find = (id: string): Client | undefined => journal.get('client', id) as Client | undefined
  return {
    find: async (id) => find(id),
    async add(client) {
      if (journal.has('client', client.id)) return false
      journal.set('client', client.id, client)
      return durably(journal)
    },
    async replace(client, expectedVersion) {
      if (find(client.id)?.version !== expectedVersion) return false
      journal.set('client', client.id, { ...client, version: expectedVersion + 1 })
      return durably(journal)
    },
    async remove(id) {
      if (!journal.has('client', id)) return false
      journal.remove('client', id)
      return durably(journal)
    },
    async list({ after, limit }) {
      // `sort` without a comparison orders by UTF-16 code units, as the port promises.
      const ids = journal
        .keys('client')
        .sort()
        .filter((id) => after === undefined || id > after)
      const clients = ids.slice(0, limit).flatMap((id) => find(id) ?? [])
      const next = clients.at(-1)?.id
      return ids.length > limit && next !== undefined ? { clients, next } : { clients }
    },
  }
}

function createJournalCredentialUses(journal: Journal): CredentialUses {
  const of = (clientId: string): readonly CredentialUse[] =>
    (journal.get('uses', clientId) as readonly CredentialUse[] | undefined) ?? []
  return {
    of: async (clientId) => of(clientId),
    async record(uses) {
      for (const use of uses) {
        const others = of(use.clientId).filter(({ credentialId }) => credentialId !== use.credentialId)
        const known = of(use.clientId).find(({ credentialId }) => credentialId === use.credentialId)
        if (use.usedAt > (known?.usedAt ?? -1)) journal.set('uses', use.clientId, [...others, use])
      }
      await journal.written()
    },
  }
}

/** Looks at a thousand records at a time, so that requests get their turn in between. */
const createJournalSweeper = (journal: Journal): Sweeper => ({
  async sweep(now) {
    let looked = 0
    let forgotten = 0
    for (const { table, key, expiresAt } of journal.expiring()) {
      if (++looked % 1000 === 0) await setImmediate()
      // A record counts until its second has passed.
      if (expiresAt >= now) continue
      journal.remove(table, key)
      forgotten += 1
    }
    await journal.written()
    return forgotten
  },
})

// #region journal
type Table = 'client' | 'uses' | 'token' | 'revoked' | 'claimed'

/** A line of the journal. Without a value it says that the key is gone. */
interface Entry {
  readonly table: Table
  readonly key: string
  readonly value?: unknown
  readonly expiresAt?: number | undefined
}

/** Tables of JSON values, changed at once and durable once `written` resolves. */
interface Journal {
  has(table: Table, key: string): boolean
  /** A copy, since it is parsed for each caller. */
  get(table: Table, key: string): unknown
  keys(table: Table): string[]
  expiring(): Iterable<Entry & { readonly expiresAt: number }>
  set(table: Table, key: string, value: unknown, expiresAt?: number): void
  remove(table: Table, key: string): void
  /** Resolves once every change so far is on the disk. Once it has failed it fails for good: nobody knows what the file holds. */
  written(): Promise<void>
  close(): Promise<void>
}

/** @throws when a line cannot be read: a journal with a hole in it might have lost a revocation. */
async function openJournal(path: string): Promise<Journal> {
  type Lines = Map<string, { readonly line: string; readonly expiresAt: number | undefined }>
  const tables = { client: new Map(), uses: new Map(), token: new Map(), revoked: new Map(), claimed: new Map() }
  let failure: Error | undefined
  function lines(table: Table): Lines {
    if (failure) throw failure
    return tables[table]
  }

  // What follows the last newline was being written when the process ended, and nobody was told that it happened.
  const journalled = existsSync(path) ? await readFile(path, 'utf8') : ''
  for (const line of journalled.split('\n').slice(0, -1)) {
    const { table, key, value, expiresAt } = JSON.parse(line) as Entry
    if (value === undefined) lines(table).delete(key)
    else lines(table).set(key, { line, expiresAt })
  }
  const live = Object.values(tables).flatMap((table: Lines) => [...table.values()])
  await writeAfresh(path, live.map(({ line }) => `${line}\n`).join(''))

  const file = await open(path, 'a')
  let waiting: string[] = []
  let last = Promise.resolve()
  let next: Promise<void> | undefined
  let closed: Promise<void> | undefined

  /** Whoever comes while a write is under way shares the next one, so that many changes cost one `fsync`. */
  function written(): Promise<void> {
    next ??= last = last.then(async () => {
      next = undefined
      const text = waiting.join('')
      waiting = []
      try {
        await file.appendFile(text)
        await file.datasync()
      } catch (cause) {
        failure = new Error('the journal could not be written', { cause })
        throw failure
      }
    })
    return next
  }

  async function shut(): Promise<void> {
    try {
      await written()
    } finally {
      await file.close()
    }
  }

  function append(entry: Entry): string {
    const line = JSON.stringify(entry)
    waiting.push(`${line}\n`)
    return line
  }

  return {
    written,
    has: (table, key) => lines(table).has(key),
    get(table, key) {
      const stored = lines(table).get(key)
      return stored && (JSON.parse(stored.line) as Entry).value
    },
    keys: (table) => [...lines(table).keys()],
    *expiring() {
      for (const table of ['token', 'revoked', 'claimed'] as const)
        for (const [key, { expiresAt }] of lines(table)) if (expiresAt !== undefined) yield { table, key, expiresAt }
    },
    set: (table, key, value, expiresAt) =>
      void lines(table).set(key, { line: append({ table, key, value, expiresAt }), expiresAt }),
    remove(table, key) {
      lines(table).delete(key)
      append({ table, key })
    },
    close: () => (closed ??= shut()),
  }
}

/** Drops what was overwritten: a new file beside the old one, on the disk before it takes its place. */
async function writeAfresh(path: string, text: string): Promise<void> {
  // Readable by its owner alone: hashes of secrets are in it.
  const fresh = await open(`${path}.new`, 'w', 0o600)
  await fresh.writeFile(text)
  await fresh.sync()
  await fresh.close()
  await rename(`${path}.new`, path)
  const folder = await open(dirname(path))
  await folder.sync()
  await folder.close()
}
// #endregion
