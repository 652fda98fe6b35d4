import type { Config } from './config/config.ts'
import type { Signing } from './signing.ts'
import { StartRefused } from './start-refused.ts'
import type { Storage } from './storage/storage.ts'

/** What {@link checkStatusList} looks at. */
export interface StatusListDeps {
  readonly config: Pick<Config, 'statusList' | 'tokenStorage'>
  readonly storage: Pick<Storage, 'statusIndexes'>
  readonly signing: Pick<Signing, 'signer'>
}

/** @throws StartRefused that names the setting, when a list of revoked JWTs is to be published and cannot be. */
export function checkStatusList({ config, storage, signing }: StatusListDeps): void {
  if (!config.statusList) return
  if (storage.statusIndexes === undefined)
    throw new StartRefused([
      `${config.tokenStorage.setting}: the adapter has no port "statusIndexes", which LATCHKEY_STATUS_LIST needs`,
    ])
  if (signing.signer === undefined)
    throw new StartRefused([
      'LATCHKEY_STATUS_LIST needs keys that sign and are published: LATCHKEY_MASTER_KEY or LATCHKEY_SIGNING_KEY, and no LATCHKEY_JWT_SECRET',
    ])
}
