import {
  isSharedSecretAlgorithm,
  OAuthError,
  type OpenKeyRing,
  openKeyRing,
  type SigningKeyStore,
} from '@latchkey/core'
import { CommandRefused } from '../cli/command-refused.ts'
import type { Io } from '../cli/io.ts'
import { readFile } from '../cli/read-file.ts'
import type { SigningSettings } from '../config/config.ts'
import { readKeyConfig } from '../config/read-config.ts'
import { messageOf } from '../start-refused.ts'
import { addressOf, openAdapterAt, portOf } from '../storage/open-adapter.ts'
import { refusePendingMigrations } from '../storage/refuse-pending-migrations.ts'

/** What a command about keys works on. */
export interface KeyStorage {
  readonly store: SigningKeyStore
  /** Opens the keys; where there is none it makes the first. @throws CommandRefused when they cannot be used. */
  openRing(): Promise<OpenKeyRing>
}

/** A command takes no key away because its tokens have expired: that is for the service, which knows how long they live. */
const NEVER_SECONDS = 100 * 365 * 86_400

/**
 * Opens the client storage, where the keys are, for as long as a command takes.
 *
 * @throws StartRefused when it cannot be opened, has no place for keys, or must be migrated first.
 * @throws CommandRefused when it forgets with this process, or JWTs are signed with something else.
 */
export async function withKeys<Result>(
  io: Pick<Io, 'environment' | 'directory'>,
  use: (storage: KeyStorage) => Promise<Result>,
): Promise<Result> {
  const { clientStorage, signing } = readKeyConfig(io.environment, readFile)
  refuseOtherKeys(signing)
  const { adapter } = await openAdapterAt(clientStorage, addressOf(clientStorage, io.directory))
  const rings: OpenKeyRing[] = []
  try {
    if (adapter.forgetful === true)
      throw new CommandRefused(
        `${clientStorage.setting} keeps keys in the memory of one process, and this one ends now: set LATCHKEY_STORAGE or LATCHKEY_CLIENT_STORAGE to a storage that lasts`,
      )
    await refusePendingMigrations(adapter, clientStorage)
    const store = portOf(adapter, 'keys', clientStorage)
    return await use({
      store,
      async openRing() {
        const ring = await open(store, signing)
        rings.push(ring)
        return ring
      },
    })
  } finally {
    for (const ring of rings) await ring.close()
    await adapter.close()
  }
}

function refuseOtherKeys({ jwtSecret, key }: SigningSettings): void {
  if (jwtSecret !== undefined)
    throw new CommandRefused('JWTs are signed with LATCHKEY_JWT_SECRET: there are no keys to look after')
  if (key !== undefined)
    throw new CommandRefused('JWTs are signed with LATCHKEY_SIGNING_KEY: nobody but you looks after it')
}

async function open(
  store: SigningKeyStore,
  { alg, otherAlgs, masterKey, previousMasterKey }: SigningSettings,
): Promise<OpenKeyRing> {
  if (masterKey === undefined)
    throw new CommandRefused('LATCHKEY_MASTER_KEY is required: the keys are encrypted with it')
  try {
    return await openKeyRing({
      store,
      masterKey,
      previousMasterKey,
      alg: alg === undefined || isSharedSecretAlgorithm(alg) ? undefined : [alg, ...otherAlgs],
      longestTokenSeconds: NEVER_SECONDS,
    })
  } catch (error) {
    const reason = error instanceof OAuthError ? (error.reason ?? error.message) : messageOf(error)
    throw new CommandRefused(`the signing keys cannot be opened: ${reason}`, { cause: error })
  }
}
