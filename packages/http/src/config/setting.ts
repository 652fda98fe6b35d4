import {
  checkDpopNonceSecret,
  checkIssuer,
  checkMasterKey,
  SHARED_SECRET_ALGORITHMS,
  type SharedSecretAlgorithm,
  SIGNING_ALGORITHMS,
  type SigningAlgorithm,
} from '@latchkey/core'
import { addressBlocks } from '../address-blocks.ts'
import { MOST_WORKERS } from '../workers/worker-count.ts'

/** One setting: how it is read, and what an operator is told of it. */
export interface Setting {
  /** What stands in the place of a value in the help, such as `<seconds>`. */
  readonly value: string
  /** What counts where it is not set. */
  readonly fallback: string
  /** One or two sentences. */
  readonly meaning: string
  readonly read: ReadSetting<unknown>
}

/** Makes of a text what it means. @throws Error that says what is wrong with it, in words that go behind the setting's name. */
export type ReadSetting<T> = (given: string) => T

/** Any text that is not empty. */
export const text: ReadSetting<string> = (given) => given

/** `true` or `false`, and nothing that could be taken for either. */
export const flag: ReadSetting<boolean> = (given) => {
  if (given !== 'true' && given !== 'false') throw new TypeError('must be true or false')
  return given === 'true'
}

/** One of a few words. */
export const oneOf =
  <Word extends string>(words: readonly Word[]): ReadSetting<Word> =>
  (given) => {
    const word = words.find((known) => known === given)
    if (word === undefined) throw new TypeError(`must be one of ${words.join(', ')}`)
    return word
  }

/** A whole number in decimal digits. */
export const wholeNumber =
  (least: number, most: number): ReadSetting<number> =>
  (given) => {
    const number = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN
    if (!(number >= least && number <= most)) throw new TypeError(`must be a whole number from ${least} to ${most}`)
    return number
  }

/** How many processes serve. */
export const workers: ReadSetting<number | 'auto'> = (given) => {
  const number = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN
  if (given === 'auto' || (number >= 1 && number <= MOST_WORKERS)) return given === 'auto' ? given : number
  throw new TypeError(`must be auto or a whole number from 1 to ${MOST_WORKERS}`)
}

/** A list divided by commas. */
const items = (given: string): readonly string[] =>
  given
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')

/** Addresses and CIDR blocks. */
export const addresses: ReadSetting<readonly string[]> = (given) => {
  addressBlocks(items(given))
  return items(given)
}

/** Origins (RFC 6454 §6.2), as browsers write them. */
export const origins: ReadSetting<readonly string[]> = (given) => {
  for (const origin of items(given))
    if (!/^https?:\/\//.test(origin) || !URL.canParse(origin) || new URL(origin).origin !== origin)
      throw new TypeError(`"${origin}" is no origin such as https://app.example.com`)
  return items(given)
}

/** One origin that is https. */
export const httpsOrigin: ReadSetting<string> = (given) => {
  if (!given.startsWith('https://') || !URL.canParse(given) || new URL(given).origin !== given)
    throw new TypeError('must be an https origin, such as https://mtls.example.com')
  return given
}

/** The forms in which proxies tell of a client's certificate. */
export const FORWARDED_FORMS = ['rfc9440', 'envoy', 'nginx'] as const

/** One of the forms of {@link FORWARDED_FORMS}. */
export type ForwardedForm = (typeof FORWARDED_FORMS)[number]

/** The name of a header, in lower case. One with an underscore is a dash to some proxies, and dropped by others. */
export const headerName: ReadSetting<string> = (given) => {
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/i.test(given))
    throw new TypeError('must be the name of a header, of letters, digits and single dashes')
  return given.toLowerCase()
}

/**
 * Ways to sign: one that shares a secret, or those of key pairs, of which the first is the server's own.
 */
export const signingAlgorithms: ReadSetting<SigningAlgorithmNames> = (given) => {
  const shared = SHARED_SECRET_ALGORITHMS.find((known) => known === given)
  if (shared !== undefined) return [shared]
  const known = items(given).flatMap((name) => SIGNING_ALGORITHMS.find((algorithm) => algorithm === name) ?? [])
  const [own, ...others] = known
  if (own === undefined || known.length < items(given).length)
    throw new TypeError(`must be one of ${[...SIGNING_ALGORITHMS, ...SHARED_SECRET_ALGORITHMS].join(', ')}`)
  if (new Set(known).size < known.length) throw new TypeError('must name each algorithm once')
  return [own, ...others]
}

/** How JWTs are signed. */
export type SigningAlgorithmNames =
  | readonly [SharedSecretAlgorithm]
  | readonly [SigningAlgorithm, ...SigningAlgorithm[]]

/** Ways to encrypt a token that is signed already: how the key is used, and how content is encrypted. */
export const JWT_ENCRYPTIONS = ['dir+A128GCM', 'dir+A256GCM', 'A256KW+A128GCM', 'A256KW+A256GCM'] as const

/** One of the ways of {@link JWT_ENCRYPTIONS}. */
export type JwtEncryption = (typeof JWT_ENCRYPTIONS)[number]

/** What private keys are encrypted with. */
export const masterKey: ReadSetting<string> = (given) => {
  checkMasterKey(given)
  return given
}

/** What nonces are made with. */
export const nonceSecret: ReadSetting<string> = (given) => {
  checkDpopNonceSecret(given)
  return given
}

/** A server's name whose path can be served. */
export const issuer: ReadSetting<string> = (given) => {
  try {
    checkIssuer(given)
  } catch (error) {
    // Core's sentence begins with the name of its own option.
    throw new TypeError((error as Error).message.replace(/^issuer /, ''))
  }
  if (/\*|%/.test(new URL(given).pathname)) throw new TypeError('must have no * and no % in its path')
  return given
}
