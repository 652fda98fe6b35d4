import { bytesEqual, hmacOf, type KeyObject, randomBytes, secretKeyOf } from '../crypto.ts'
import type { EpochSeconds } from '../domain/epoch-seconds.ts'
import { decodeBase64Url } from '../jose/base64url.ts'

/** Nonces that nobody has to remember: each is the name of a window of time, under a key that all nodes share. */
export interface DpopNonces {
  /** The one to give out at this second. */
  current(now: EpochSeconds): string
  /** Whether it was given out for this window or the one before, by whatever node. It may be used again and again. */
  isOurs(nonce: string, now: EpochSeconds): boolean
}

/** What {@link createDpopNonces} takes. */
export interface DpopNonceSecrets {
  /** 32 bytes in base64url, the same on every node. A random one by default, which no other node knows. */
  readonly secret?: string | undefined
  /** The secret of before: what was given out under it still counts. */
  readonly previous?: string | undefined
}

/** A nonce counts for one to two of these, in seconds. */
const WINDOW = 300
/** How far the clock of the node that gave it out may be ahead. */
const SKEW = 10
const SECRET_BYTES = 32

/** @throws TypeError that names the option, when a secret is not 32 bytes in base64url; it is not repeated. */
export function createDpopNonces({ secret, previous }: DpopNonceSecrets): DpopNonces {
  const own = nonceNamer(keyOf('nonceSecret', secret ?? randomBytes(SECRET_BYTES).toString('base64url')))
  const namers = previous === undefined ? [own] : [own, nonceNamer(keyOf('previousNonceSecret', previous))]

  return {
    current: (now) => own(windowAt(now)),
    isOurs(nonce, now) {
      const windows = new Set([windowAt(now) - 1, windowAt(now), windowAt(now + SKEW)])
      const bytes = Buffer.from(nonce)
      return namers.some((name) => [...windows].some((window) => bytesEqual(Buffer.from(name(window)), bytes)))
    },
  }
}

/** @throws TypeError that says what such a secret is, and does not repeat it. */
export const checkDpopNonceSecret = (secret: string): void => void keyOf('', secret)

const windowAt = (now: EpochSeconds): number => Math.floor(now / WINDOW)

function keyOf(option: string, secret: string): KeyObject {
  if (typeof secret !== 'string' || decodeBase64Url(secret)?.length !== SECRET_BYTES)
    throw new TypeError(`${option === '' ? '' : `dpop.${option} `}must be 32 bytes in base64url: 43 characters`)
  return secretKeyOf(secret)
}

/** The names of windows; those that were asked for last are remembered, for each is asked for many times. */
function nonceNamer(key: KeyObject): (window: number) => string {
  const names = new Map<number, string>()
  return (window) => {
    const known = names.get(window)
    if (known !== undefined) return known
    if (names.size > 8) names.clear()
    const name = Buffer.from(hmacOf('sha256', key, Buffer.from(`DPoP nonce of Latchkey: ${window}`))).toString(
      'base64url',
    )
    names.set(window, name)
    return name
  }
}
