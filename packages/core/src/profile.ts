import { FAPI2_ALGORITHMS } from './domain/fapi2.ts'
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from './domain/signing-key.ts'
import type { Clock } from './ports/clock.ts'
import type { Signer, SigningKey } from './ports/signer.ts'

/** Rules of others that a server can be held to as a whole: `fapi2` is the FAPI 2.0 Security Profile of 22 February 2025. */
export const PROFILES = ['fapi2'] as const

/** A profile of the table {@link PROFILES}. */
export type Profile = (typeof PROFILES)[number]

/** What a profile has to say about. */
interface OptionsUnderProfile {
  readonly profile: Profile | undefined
  readonly replays: object | undefined
  readonly mutualTls: object | undefined
  readonly jwtSecret: object | undefined
  readonly signer: Signer | undefined
  readonly grants: readonly { readonly type: string }[]
  readonly clock: Clock
}

/** By which whatever is signed may be signed, by clients and by the server. */
export const algorithmsOf = (profile: Profile | undefined): readonly SigningAlgorithm[] =>
  profile === undefined ? SIGNING_ALGORITHMS : FAPI2_ALGORITHMS

/** @throws TypeError that names the option which the profile has no room for, or cannot do without. */
export function checkProfile(options: OptionsUnderProfile): void {
  const { profile, replays, mutualTls, jwtSecret, signer, grants, clock } = options
  if (profile === undefined) return
  if (!PROFILES.includes(profile)) throw new TypeError(`profile must be one of ${PROFILES.join(', ')}`)
  if (replays === undefined && mutualTls === undefined)
    throw new TypeError(`profile "${profile}" needs replays or mutualTls: without them there is no way to authenticate`)
  if (jwtSecret !== undefined)
    throw new TypeError(`profile "${profile}" has no room for jwtSecret: signatures are those of key pairs`)
  if (grants.some(({ type }) => type === 'password'))
    throw new TypeError(`profile "${profile}" has no room for the grant "password"`)
  const alg = signer && algorithmAtPresent(signer, clock)
  if (alg !== undefined && !algorithmsOf(profile).includes(alg))
    throw new TypeError(
      `profile "${profile}" needs a signer of ${algorithmsOf(profile).join(', ')}; this one has ${alg}`,
    )
}

/** A signer by which no key signs that the profile has no room for: whatever wants one gets an error. */
export function signerUnder(profile: Profile | undefined, signer: Signer): Signer {
  if (profile === undefined) return signer
  const algorithms = algorithmsOf(profile)
  return {
    publishedForSeconds: signer.publishedForSeconds,
    longestTokenSeconds: signer.longestTokenSeconds,
    publishedKeys: () => signer.publishedKeys(),
    signingKey(now, alg): SigningKey {
      const key = signer.signingKey(now, alg)
      if (algorithms.includes(key.alg)) return key
      throw new Error(`the key signs by ${key.alg}, and the profile ${profile} takes ${algorithms.join(', ')}`)
    },
  }
}

/** `undefined` while there is no key: then nothing is signed either. */
function algorithmAtPresent(signer: Signer, clock: Clock): SigningAlgorithm | undefined {
  try {
    return signer.signingKey(clock.now())?.alg
  } catch {
    return undefined
  }
}
