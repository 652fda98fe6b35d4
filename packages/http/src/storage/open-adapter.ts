import type { Adapter, OpenAdapter } from '@latchkey/core'
import type { StorageSetting } from '../config/config.ts'
import type { SettingName } from '../config/settings.ts'
import { messageOf, StartRefused } from '../start-refused.ts'
import { type AdapterAddress, adapterAddress } from './adapter-address.ts'

/** An adapter that was opened. */
export interface OpenedAdapter {
  readonly setting: SettingName
  readonly adapter: Adapter
  /** Where, as it may be shown. */
  readonly shown: string
}

/**
 * Where a setting keeps things.
 *
 * @param directory from which adapter modules are found.
 * @throws StartRefused that names the setting, when it has no address or that of a module which is not there.
 */
export function addressOf({ setting, storage }: StorageSetting, directory: string): AdapterAddress {
  try {
    return adapterAddress(storage, directory)
  } catch (error) {
    throw new StartRefused([`${setting}: ${messageOf(error)}`], { cause: error })
  }
}

/** Text for text they may differ, as in a directory that one of them names in full. */
export const isSameAddress = (one: AdapterAddress, other: AdapterAddress): boolean =>
  one.module === other.module && one.url.href === other.url.href

/**
 * Opens the adapter at an address.
 *
 * @throws StartRefused that names the setting, when the module cannot be loaded or opened.
 */
export async function openAdapterAt(
  { setting }: StorageSetting,
  { module, url, shown }: AdapterAddress,
): Promise<OpenedAdapter> {
  try {
    const { openAdapter } = (await import(module)) as { readonly openAdapter?: OpenAdapter }
    if (typeof openAdapter !== 'function') throw new Error(`${shown} does not export openAdapter`)
    return { setting, adapter: await openAdapter(url), shown }
  } catch (error) {
    throw new StartRefused([`${setting}: ${messageOf(error)}`], { cause: error })
  }
}

/**
 * A port of an adapter that is needed.
 *
 * @throws StartRefused that names the setting, when it has none.
 */
export function portOf<Name extends keyof Adapter>(
  adapter: Adapter,
  name: Name,
  { setting }: StorageSetting,
): NonNullable<Adapter[Name]> {
  const found = adapter[name]
  if (found === undefined) throw new StartRefused([`${setting}: the adapter has no port "${name}", which is needed`])
  return found
}
