import { type Adapter, tokenIdOf } from '@latchkey/core'
import type { StorageSetting } from '../config/config.ts'
import type { StorageConfig } from '../config/read-config.ts'
import { messageOf, StartRefused } from '../start-refused.ts'
import { addressOf, isSameAddress, openAdapterAt } from '../storage/open-adapter.ts'
import { pendingText } from '../storage/refuse-pending-migrations.ts'
import { unshared } from '../workers/refuse-forgetful-storage.ts'
import type { Finding } from './finding.ts'

/** Which half of the storage, or both in one. */
interface Half {
  readonly check: 'client_storage' | 'token_storage' | 'storage'
  readonly where: StorageSetting
  readonly ports: readonly ('clients' | 'tokens')[]
}

/** What {@link lookAtStorage} takes. */
export interface LookAtStorageDeps {
  /** From which adapter modules are found. */
  readonly directory: string
  readonly hasClientsFile: boolean
  /** Whether the service takes the steps that are pending when it starts. */
  readonly autoMigrate: boolean
  /** How many processes share it. */
  readonly workers: number
}

/** A storage that is asked anything and says nothing for so long is away. */
const PATIENCE_MS = 10_000

/** Looks at every storage as the service would use it: opens, asks and reads it, and changes nothing. */
export async function lookAtStorage(config: StorageConfig, deps: LookAtStorageDeps): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const half of halvesOf(config, deps.directory)) findings.push(...(await lookAtHalf(half, deps)))
  return findings
}

function halvesOf({ clientStorage, tokenStorage }: StorageConfig, directory: string): readonly Half[] {
  const one: readonly Half[] = [{ check: 'storage', where: clientStorage, ports: ['clients', 'tokens'] }]
  const halves: readonly Half[] = [
    { check: 'client_storage', where: clientStorage, ports: ['clients'] },
    { check: 'token_storage', where: tokenStorage, ports: ['tokens'] },
  ]
  try {
    const isOne = isSameAddress(addressOf(clientStorage, directory), addressOf(tokenStorage, directory))
    return isOne ? one : halves
  } catch {
    // One of them has no address: which, and why, is told when it is opened.
    return clientStorage.storage === tokenStorage.storage ? one : halves
  }
}

async function lookAtHalf(half: Half, deps: LookAtStorageDeps): Promise<readonly Finding[]> {
  const { check, where } = half
  const wrong = (error: unknown, advice: string): readonly Finding[] => {
    const problems = error instanceof StartRefused ? error.problems : [`${where.setting}: ${messageOf(error)}`]
    return problems.map((message) => ({ check, status: 'wrong', message, advice }))
  }
  const opening = (async () => openAdapterAt(where, addressOf(where, deps.directory)))()
  try {
    const { adapter, shown } = await inTime(opening)
    try {
      await inTime(adapter.check())
      return [...(await lookAtAdapter(half, adapter, shown, deps))]
    } catch (error) {
      return wrong(error, 'see that the storage runs, and that its user may do what the service needs')
    } finally {
      await adapter.close()
    }
  } catch (error) {
    // Should it open after all, nobody waits for it any more.
    void opening.then(({ adapter }) => adapter.close()).catch(() => undefined)
    return wrong(error, `see that the storage runs, and that ${where.setting} is right`)
  }
}

async function lookAtAdapter(
  { check, where, ports }: Half,
  adapter: Adapter,
  shown: string,
  { hasClientsFile, autoMigrate, workers }: LookAtStorageDeps,
): Promise<readonly Finding[]> {
  const { setting } = where
  const missing = ports.filter((name) => adapter[name] === undefined)
  if (missing.length > 0)
    return missing.map((name) => ({
      check,
      status: 'wrong',
      message: `${setting}: the adapter has no port "${name}", which is needed`,
      advice: 'keep that in another storage: LATCHKEY_CLIENT_STORAGE and LATCHKEY_TOKEN_STORAGE may differ',
    }))
  const pending = (await adapter.migrations?.pending()) ?? []
  if (pending.length > 0) {
    const message = `${setting}: ${pendingText(pending)}`
    return autoMigrate
      ? [
          {
            check,
            status: 'warning',
            message,
            advice: 'the service applies it when it starts, or latchkey migrate now',
          },
        ]
      : [{ check, status: 'wrong', message, advice: 'run latchkey migrate' }]
  }

  const findings: Finding[] = [{ check, status: 'ok', message: `${shown} answers, and needs no migration` }]
  const warn = (message: string, advice?: string) =>
    findings.push({ check, status: 'warning', message: `${setting}: ${message}`, ...(advice && { advice }) })
  for (const warning of adapter.warnings ?? []) warn(warning)
  if (adapter.forgetful === true && workers > 1)
    findings.push({
      check,
      status: 'wrong',
      message: unshared(workers, setting, ports.join(' and ')),
      advice: 'set one of the two',
    })
  else if (adapter.forgetful === true && !(hasClientsFile && ports.length === 1 && ports[0] === 'clients'))
    warn(
      'what it holds is gone when the service ends',
      'set it to a storage that lasts, such as postgres://… or redis://…',
    )
  if (ports.includes('tokens')) await inTime(adapter.tokens?.find(tokenIdOf('latchkey-doctor')))
  if (ports.includes('clients') && !(await hasClients(adapter)) && !hasClientsFile)
    warn('nobody may ask for tokens yet', 'latchkey client add <id> registers a client')
  return findings
}

async function hasClients({ clients }: Adapter): Promise<boolean> {
  const page = await inTime(clients?.list({ limit: 1 }))
  return page !== undefined && page.clients.length > 0
}

/** @throws Error when it takes too long. */
async function inTime<T>(asked: T | PromiseLike<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS / 1000} seconds`)), PATIENCE_MS)
  })
  try {
    return await Promise.race([asked, late])
  } finally {
    clearTimeout(timer)
  }
}
