import { createMemorySigningKeyStore } from '@latchkey/adapter-memory'
import {
  type DomainEvent,
  isSharedSecretAlgorithm,
  OAuthError,
  openKeyRing,
  type SigningKeySet,
  type SigningKeyStore,
} from '@latchkey/core'
import type { Config } from '../config/config.ts'
import { ownKeys } from '../signing.ts'
import { messageOf, StartRefused } from '../start-refused.ts'
import { addressOf, openAdapterAt } from '../storage/open-adapter.ts'
import type { Finding } from './finding.ts'

const check = 'signing'

/** As long as no key is taken away for it: what looks must not change anything. */
const NEVER_SECONDS = 100 * 365 * 86_400

/** Looks at what JWTs are signed with, as the service would: whether every key can be opened, and what may be set no more. */
export async function lookAtSigning(config: Config, directory: string): Promise<readonly Finding[]> {
  const { key, jwtSecret } = config.signing
  if (jwtSecret !== undefined)
    return [
      {
        check,
        status: 'warning',
        message: 'LATCHKEY_JWT_SECRET is set: every API that can verify a token can also make one',
        advice:
          'use it only where every API is your own; a key pair, LATCHKEY_SIGNING_KEY or the key ring, has no such limit',
      },
    ]
  if (key !== undefined) return lookAtOwnKeys(config, key)
  if (config.accessTokenFormat !== 'jwt' && config.signing.masterKey === undefined) return []
  return lookAtStoredKeys(config, directory)
}

async function lookAtOwnKeys(config: Config, key: string): Promise<readonly Finding[]> {
  try {
    const keys = (await ownKeys(config, key)).publishedKeys()
    return [{ check, status: 'ok', message: `LATCHKEY_SIGNING_KEY: ${counted(keys.length)} can be used` }]
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error
    return error.problems.map((message) => ({
      check,
      status: 'wrong',
      message,
      advice: 'give private keys as PEM or JWK: RSA of 2048 bits or more, P-256, P-384, P-521 or Ed25519',
    }))
  }
}

async function lookAtStoredKeys(config: Config, directory: string): Promise<readonly Finding[]> {
  const { clientStorage, signing } = config
  try {
    const { adapter } = await openAdapterAt(clientStorage, addressOf(clientStorage, directory))
    try {
      // What it forgets it makes anew, and the look at the storage has said that it forgets.
      if (adapter.forgetful === true) return []
      const pending = (await adapter.migrations?.pending()) ?? []
      if (pending.length > 0) return []
      if (adapter.keys === undefined)
        return [
          {
            check,
            status: 'wrong',
            message: `${clientStorage.setting}: the adapter has no port "keys", which JWTs need`,
            advice: 'set LATCHKEY_SIGNING_KEY to keys of your own',
          },
        ]
      if (signing.masterKey === undefined)
        return [
          {
            check,
            status: 'wrong',
            message:
              'LATCHKEY_MASTER_KEY is required for JWTs: the client storage keeps private keys, and keeps them encrypted',
            advice:
              'node -p "crypto.randomBytes(32).toString(\'base64url\')" makes one; keep it apart from the storage',
          },
        ]
      return await lookAtSealedKeys(await adapter.keys.list(), config, signing.masterKey)
    } finally {
      await adapter.close()
    }
  } catch {
    // The look at the storage says what is wrong with it.
    return []
  }
}

async function lookAtSealedKeys(
  { keys: stored }: SigningKeySet,
  { signing }: Config,
  masterKey: string,
): Promise<readonly Finding[]> {
  if (stored.length === 0)
    return [{ check, status: 'ok', message: 'there is no signing key yet; the service makes the first one' }]
  const refused = new Map<string, string>()
  const onEvent = (event: DomainEvent): void => {
    if (event.type === 'signing_key_refused') refused.set(event.kid, event.reason)
  }
  const { alg, otherAlgs, previousMasterKey } = signing
  try {
    const ring = await openKeyRing({
      store: await copyOf(stored),
      masterKey,
      previousMasterKey,
      alg: alg === undefined || isSharedSecretAlgorithm(alg) ? undefined : [alg, ...otherAlgs],
      longestTokenSeconds: NEVER_SECONDS,
      onEvent,
    })
    const usable = ring.list().filter(({ kid }) => stored.some((record) => record.kid === kid))
    await ring.close()
    return [
      { check, status: 'ok', message: `${counted(usable.length)} in the storage can be used` },
      ...lookAtPrevious(previousMasterKey, new Set(usable.map(({ sealedWith }) => sealedWith)).size),
      ...[...refused].map(([kid, reason]) => refusalOf(kid, reason)),
    ]
  } catch (error) {
    const message = `the signing keys cannot be opened: ${reasonOf(error)}`
    return [{ check, status: 'wrong', message, advice: RESTORE }]
  }
}

const refusalOf = (kid: string, reason: string): Finding => ({
  check,
  status: 'warning',
  message: `the key ${kid} is neither published nor used: ${reason}`,
  advice: RESTORE,
})

const reasonOf = (error: unknown): string =>
  error instanceof OAuthError ? (error.reason ?? error.message) : messageOf(error)

const RESTORE =
  'see that LATCHKEY_MASTER_KEY, or LATCHKEY_MASTER_KEY_PREVIOUS, is the one that it was encrypted with; latchkey key retire --now takes it away'

/** Keys of which the previous master key has none any more are all encrypted with the present one. */
function* lookAtPrevious(previousMasterKey: string | undefined, masterKeys: number): Generator<Finding> {
  if (previousMasterKey === undefined) return
  yield masterKeys > 1
    ? {
        check,
        status: 'ok',
        message: 'LATCHKEY_MASTER_KEY_PREVIOUS is needed: it still encrypts a key',
      }
    : {
        check,
        status: 'warning',
        message: 'LATCHKEY_MASTER_KEY_PREVIOUS is set, and one master key encrypts every key',
        advice:
          'latchkey key list names it; when it is the present one, and no client below needs the previous one, take that away',
      }
}

/** A ring that is opened may add the next key, which is for the service to do: so it is opened on a copy. */
async function copyOf(stored: SigningKeySet['keys']): Promise<SigningKeyStore> {
  const copy = createMemorySigningKeyStore()
  for (const record of stored) await copy.add(record, (await copy.list()).generation)
  return copy
}

const counted = (keys: number): string => (keys === 1 ? 'one key' : `${keys} keys`)
