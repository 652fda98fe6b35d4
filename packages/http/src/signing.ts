import {
  type EventListener,
  isSharedSecretAlgorithm,
  OAuthError,
  type OwnKeys,
  openKeyRing,
  openOwnKeys,
  type SharedKeyEncryption,
  type SharedSecret,
  type Signer,
  type SigningAlgorithm,
} from '@latchkey/core'
import type { Config } from './config/config.ts'
import { createEventLog } from './log/event-log.ts'
import type { Log } from './log/log.ts'
import { messageOf, StartRefused } from './start-refused.ts'
import type { Storage } from './storage/storage.ts'

/** What JWTs are signed and encrypted with, if with anything. */
export interface Signing {
  readonly signer: Signer | undefined
  /** The algorithms by which it signs with key pairs; none where it has none. */
  algorithms(): readonly SigningAlgorithm[]
  readonly jwtSecret: SharedSecret | undefined
  readonly encryption: SharedKeyEncryption | undefined
  /** Whether the keys are gone when this process ends. */
  readonly forgetsKeys: boolean
  /** Ends its looking at the storage. Idempotent. */
  close(): Promise<void>
}

/** What {@link openSigning} takes. */
export interface SigningDeps {
  readonly config: Config
  readonly storage: Pick<Storage, 'keys' | 'forgetsClients'>
  readonly log: Log
}

const NOTHING_TO_CLOSE = { forgetsKeys: false, algorithms: () => [], close: () => Promise.resolve() }

/** A key stays published for a month after it has signed, or for as long as the longest token may live. */
const MONTH_SECONDS = 30 * 86_400

/**
 * Opens what JWTs are signed with: a shared secret, keys of the operator's own, or the keys of the client storage. Where the
 * storage outlives this process it takes a master key; there is no other way to keep a private key.
 *
 * @throws StartRefused that names the setting, when tokens are to be signed and cannot be.
 */
export async function openSigning({ config, storage, log }: SigningDeps): Promise<Signing> {
  const { alg, key, jwtSecret, masterKey, encryption } = config.signing
  if (jwtSecret !== undefined && alg !== undefined && isSharedSecretAlgorithm(alg))
    return { signer: undefined, jwtSecret: { secret: jwtSecret, alg }, encryption, ...NOTHING_TO_CLOSE }
  if (key !== undefined) {
    const signer = await ownKeys(config, key)
    const { algorithms } = signer
    return { signer, jwtSecret: undefined, encryption, ...NOTHING_TO_CLOSE, algorithms }
  }
  if (storage.keys === undefined || (masterKey === undefined && !storage.forgetsClients)) {
    if (config.accessTokenFormat === 'jwt' || encryption !== undefined)
      throw new StartRefused([whyNot(config, storage)])
    return { signer: undefined, jwtSecret: undefined, encryption, ...NOTHING_TO_CLOSE }
  }
  const ring = await keyRing(storage.keys, config, eventsOf(storage, log))
  return {
    signer: ring,
    algorithms: ring.algorithms,
    jwtSecret: undefined,
    encryption,
    forgetsKeys: storage.forgetsClients,
    close: ring.close,
  }
}

const whyNot = ({ clientStorage }: Config, { keys }: SigningDeps['storage']): string =>
  keys === undefined
    ? `${clientStorage.setting}: the adapter has no port "keys", which JWTs need; or set LATCHKEY_SIGNING_KEY`
    : 'LATCHKEY_MASTER_KEY is required for JWTs: the client storage keeps private keys, and keeps them encrypted'

/** @throws StartRefused when a key of the operator’s own is unfit, by its name. */
export async function ownKeys({ signing }: Config, keys: string): Promise<OwnKeys> {
  const alg = signing.alg === undefined || isSharedSecretAlgorithm(signing.alg) ? undefined : signing.alg
  try {
    return await openOwnKeys({ keys, alg })
  } catch (error) {
    throw new StartRefused([`LATCHKEY_SIGNING_KEY: ${messageOf(error)}`], { cause: error })
  }
}

/** The first key of a storage that forgets is made with every start: that is no news. */
function eventsOf({ forgetsClients }: SigningDeps['storage'], log: Log): EventListener {
  const tell = createEventLog(log)
  return (event) => {
    const isFirst = event.type === 'signing_key_added' && event.signsFrom <= event.at
    if (!(forgetsClients && isFirst)) tell(event)
  }
}

async function keyRing(store: NonNullable<Storage['keys']>, config: Config, onEvent: EventListener) {
  const { alg, otherAlgs, masterKey, previousMasterKey } = config.signing
  try {
    return await openKeyRing({
      store,
      masterKey: masterKey ?? 'ephemeral',
      previousMasterKey,
      alg: alg === undefined || isSharedSecretAlgorithm(alg) ? undefined : [alg, ...otherAlgs],
      longestTokenSeconds: Math.max(MONTH_SECONDS, config.accessTokenTtl),
      onEvent,
    })
  } catch (error) {
    const { setting } = config.clientStorage
    const problem =
      error instanceof OAuthError ? `${setting}: ${error.reason}` : `LATCHKEY_MASTER_KEY: ${messageOf(error)}`
    throw new StartRefused([problem], { cause: error })
  }
}
