import { OAuthError } from '../errors.ts'

/** Two leave half of Node's four worker threads to everything else, and bound what the derivations take to 64 MiB. */
const AT_ONCE = 2
const MOST_WAITING = 64

/** Runs slow key derivations, few at a time. */
export type KeyDerivationQueue = <T>(derivation: () => Promise<T>) => Promise<T>

/**
 * A bounded queue: two derivations run, 64 wait in the order in which they came, and the next is refused with
 * `temporarily_unavailable` at once, so that a flood of wrong secrets costs neither memory nor the event loop.
 */
export function createKeyDerivationQueue(): KeyDerivationQueue {
  let running = 0
  const waiting: (() => void)[] = []

  return async (derivation) => {
    if (running < AT_ONCE) running += 1
    else if (waiting.length < MOST_WAITING) await new Promise<void>((resolve) => waiting.push(resolve))
    else
      throw new OAuthError('temporarily_unavailable', 'too many requests at once', {
        reason: 'too many human-chosen secrets are waiting to be verified',
        retryAfterSeconds: 1,
      })
    try {
      return await derivation()
    } finally {
      // A place is handed to the next in line, never given back in between: nobody can overtake.
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}
