import type { Adapter, OpenAdapter } from '@latchkey/core'
import type { Config, StorageSetting } from '../config/config.ts'
import { messageOf, StartRefused } from '../start-refused.ts'
import { adapterAddress } from './adapter-address.ts'
import type { Storage } from './storage.ts'

/** What {@link openStorage} takes. */
export interface StorageDeps {
  /** From which adapter modules are found. */
  readonly directory: string
}

/**
 * Opens the storage of clients and that of tokens. Where both are named alike, one adapter serves both.
 *
 * @throws StartRefused that names the setting, when a module cannot be found or opened, or lacks a port that is needed.
 */
export async function openStorage(
  { clientStorage, tokenStorage }: Pick<Config, 'clientStorage' | 'tokenStorage'>,
  { directory }: StorageDeps,
): Promise<Storage> {
  const clientHalf = await open(clientStorage, directory)
  const adapters = [clientHalf.adapter]
  const close = async (): Promise<void> => {
    const results = await Promise.allSettled(adapters.map((adapter) => adapter.close()))
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }
  try {
    const tokenHalf = tokenStorage.storage === clientStorage.storage ? clientHalf : await open(tokenStorage, directory)
    if (tokenHalf !== clientHalf) adapters.push(tokenHalf.adapter)
    return {
      clients: port(clientHalf.adapter, 'clients', clientStorage),
      credentialUses: clientHalf.adapter.credentialUses,
      tokens: port(tokenHalf.adapter, 'tokens', tokenStorage),
      forgetsClients: clientHalf.adapter.forgetful === true,
      forgetsTokens: tokenHalf.adapter.forgetful === true,
      adapters,
      shown: { clients: clientHalf.shown, tokens: tokenHalf.shown },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function open({ setting, storage }: StorageSetting, directory: string) {
  try {
    const { module, url, shown } = adapterAddress(storage, directory)
    const { openAdapter } = (await import(module)) as { readonly openAdapter?: OpenAdapter }
    if (typeof openAdapter !== 'function') throw new Error(`${shown} does not export openAdapter`)
    return { adapter: await openAdapter(url), shown }
  } catch (error) {
    throw new StartRefused([`${setting}: ${messageOf(error)}`], { cause: error })
  }
}

function port<Name extends keyof Adapter>(
  adapter: Adapter,
  name: Name,
  { setting }: StorageSetting,
): NonNullable<Adapter[Name]> {
  const found = adapter[name]
  if (found === undefined) throw new StartRefused([`${setting}: the adapter has no port "${name}", which is needed`])
  return found
}
