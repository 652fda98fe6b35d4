import type { Config } from '../config/config.ts'
import { addressOf, isSameAddress, type OpenedAdapter, openAdapterAt, portOf } from './open-adapter.ts'
import type { Storage } from './storage.ts'

/** What {@link openStorage} takes. */
export interface StorageDeps {
  /** From which adapter modules are found. */
  readonly directory: string
}

/** An adapter that takes longer has lost its backend: the process shall end all the same, and say so. */
const CLOSE_WITHIN_MS = 5_000

/**
 * Opens the storage of clients and that of tokens. Where both have the same address, one adapter serves both.
 *
 * @throws StartRefused that names the setting, when a module cannot be found or opened, or lacks a port that is needed.
 */
export async function openStorage(
  { clientStorage, tokenStorage }: Pick<Config, 'clientStorage' | 'tokenStorage'>,
  { directory }: StorageDeps,
): Promise<Storage> {
  const addresses = [addressOf(clientStorage, directory), addressOf(tokenStorage, directory)] as const
  const clientHalf = await openAdapterAt(clientStorage, addresses[0])
  const halves = [clientHalf]
  const close = async (): Promise<void> => {
    const results = await Promise.allSettled(halves.map(closeInTime))
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }
  try {
    const tokenHalf = isSameAddress(...addresses) ? clientHalf : await openAdapterAt(tokenStorage, addresses[1])
    if (tokenHalf !== clientHalf) halves.push(tokenHalf)
    const clients = portOf(clientHalf.adapter, 'clients', clientStorage)
    return {
      clients,
      requestClients: clients,
      clientChanges: clientHalf.adapter.clientChanges,
      resources: clientHalf.adapter.resources,
      requestResources: clientHalf.adapter.resources,
      credentialUses: clientHalf.adapter.credentialUses,
      keys: clientHalf.adapter.keys,
      tokens: portOf(tokenHalf.adapter, 'tokens', tokenStorage),
      replays: tokenHalf.adapter.replays,
      statusIndexes: tokenHalf.adapter.statusIndexes,
      forgetsClients: clientHalf.adapter.forgetful === true,
      forgetsTokens: tokenHalf.adapter.forgetful === true,
      adapters: halves.map(({ adapter }) => adapter),
      sweepers: halves.flatMap(({ adapter }) => adapter.sweeper ?? []),
      migrations: halves.flatMap(({ adapter: { migrations }, setting }) => (migrations ? { setting, migrations } : [])),
      warnings: halves.flatMap(({ adapter, setting }) =>
        (adapter.warnings ?? []).map((warning) => `${setting}: ${warning}`),
      ),
      shown: { clients: clientHalf.shown, tokens: tokenHalf.shown },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** @throws Error that names the setting, when the adapter cannot be closed or never says that it is. */
async function closeInTime({ setting, adapter }: OpenedAdapter): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const giveUp = (): void => reject(new Error(`${setting}: it was not closed within ${CLOSE_WITHIN_MS} ms`))
    timer = setTimeout(giveUp, CLOSE_WITHIN_MS)
  })
  try {
    await Promise.race([adapter.close(), late])
  } finally {
    clearTimeout(timer)
  }
}
