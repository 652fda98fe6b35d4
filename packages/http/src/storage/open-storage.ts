import type { Adapter, OpenAdapter } from '@latchkey/core'
import type { Config, StorageSetting } from '../config/config.ts'
import type { SettingName } from '../config/settings.ts'
import { messageOf, StartRefused } from '../start-refused.ts'
import { type AdapterAddress, adapterAddress } from './adapter-address.ts'
import type { Storage } from './storage.ts'

/** What {@link openStorage} takes. */
export interface StorageDeps {
  /** From which adapter modules are found. */
  readonly directory: string
}

/** An adapter that was opened. */
interface Half {
  readonly setting: SettingName
  readonly adapter: Adapter
  readonly shown: string
}

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
  const clientHalf = await open(clientStorage, addresses[0])
  const halves = [clientHalf]
  const close = async (): Promise<void> => {
    const results = await Promise.allSettled(halves.map(async ({ adapter }) => adapter.close()))
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }
  try {
    const tokenHalf = isSame(...addresses) ? clientHalf : await open(tokenStorage, addresses[1])
    if (tokenHalf !== clientHalf) halves.push(tokenHalf)
    return {
      clients: port(clientHalf.adapter, 'clients', clientStorage),
      clientChanges: clientHalf.adapter.clientChanges,
      credentialUses: clientHalf.adapter.credentialUses,
      tokens: port(tokenHalf.adapter, 'tokens', tokenStorage),
      replays: tokenHalf.adapter.replays,
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

/** Text for text they may differ, as in a directory that one of them names in full. */
const isSame = (one: AdapterAddress, other: AdapterAddress): boolean =>
  one.module === other.module && one.url.href === other.url.href

function addressOf({ setting, storage }: StorageSetting, directory: string): AdapterAddress {
  try {
    return adapterAddress(storage, directory)
  } catch (error) {
    throw new StartRefused([`${setting}: ${messageOf(error)}`], { cause: error })
  }
}

async function open({ setting }: StorageSetting, { module, url, shown }: AdapterAddress): Promise<Half> {
  try {
    const { openAdapter } = (await import(module)) as { readonly openAdapter?: OpenAdapter }
    if (typeof openAdapter !== 'function') throw new Error(`${shown} does not export openAdapter`)
    return { setting, adapter: await openAdapter(url), shown }
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
