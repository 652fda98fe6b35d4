import { randomBytes, sha256 } from '../crypto.ts'
import { decodeBase64Url } from '../jose/base64url.ts'

/** What signing keys, and secrets by which clients sign, are sealed with: 32 bytes. */
export interface MasterKey {
  /** What is sealed tells this much of it: not enough to find it. */
  readonly name: string
  readonly bytes: Uint8Array
}

const MASTER_KEY_BYTES = 32

/**
 * Reads a master key: 32 bytes in base64url.
 *
 * @throws TypeError that does not repeat it.
 */
export function readMasterKey(text: string): MasterKey {
  const bytes = decodeBase64Url(text)
  if (bytes?.length !== MASTER_KEY_BYTES) throw new TypeError('must be 32 bytes in base64url: 43 characters')
  return { bytes, name: sha256(`the name of a master key of Latchkey: ${text}`).slice(0, 8) }
}

/** @throws TypeError that says what a master key is, and does not repeat it. */
export const checkMasterKey = (text: string): void => void readMasterKey(text)

/** A master key, and the one of before while something is still sealed with it. */
export interface MasterKeyOptions {
  /** 32 bytes in base64url. `ephemeral` draws one that this process forgets, for a store that it forgets as well. */
  readonly masterKey: string
  readonly previousMasterKey?: string | undefined
}

/**
 * The master keys of options, the present one first.
 *
 * @throws TypeError that names the option, and does not repeat it.
 */
export function masterKeysOf({ masterKey, previousMasterKey }: MasterKeyOptions): readonly [MasterKey, ...MasterKey[]] {
  const text = masterKey === 'ephemeral' ? randomBytes(MASTER_KEY_BYTES).toString('base64url') : masterKey
  const current = named('masterKey', text)
  return previousMasterKey === undefined ? [current] : [current, named('previousMasterKey', previousMasterKey)]
}

function named(name: string, text: string): MasterKey {
  try {
    return readMasterKey(text)
  } catch (error) {
    throw new TypeError(`${name} ${(error as Error).message}`)
  }
}
