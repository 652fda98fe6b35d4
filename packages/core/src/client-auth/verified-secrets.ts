import type { EpochSeconds } from '../domain/epoch-seconds.ts'

const MOST_REMEMBERED = 10_000
const REMEMBERED_SECONDS = 60

/** Remembers which human-chosen secrets were verified lately, by fingerprint, so that a client pays for its KDF once a minute. */
export interface VerifiedSecrets {
  has(fingerprint: string, now: EpochSeconds): boolean
  add(fingerprint: string, now: EpochSeconds): void
}

/** Successes only, at most 10 000 of them, each for 60 seconds. The oldest makes room. */
export function createVerifiedSecrets(): VerifiedSecrets {
  const rememberedUntil = new Map<string, EpochSeconds>()
  return {
    has: (fingerprint, now) => now < (rememberedUntil.get(fingerprint) ?? 0),
    add(fingerprint, now) {
      rememberedUntil.delete(fingerprint)
      if (rememberedUntil.size >= MOST_REMEMBERED) {
        const [oldest] = rememberedUntil.keys()
        if (oldest !== undefined) rememberedUntil.delete(oldest)
      }
      rememberedUntil.set(fingerprint, now + REMEMBERED_SECONDS)
    },
  }
}
