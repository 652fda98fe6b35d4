import { OAuthError } from '../errors.ts'

/** Two leave half of Node's four worker threads to everything else, and bound what the derivations take to 64 MiB. */
const AT_ONCE = 2
const MOST_WAITING = 64
/** Who has waited so long is told to come again, in milliseconds: on a slow machine the whole queue takes longer than a connection lives. */
const LONGEST_WAIT_MS = 10_000

/** Runs slow key derivations, few at a time. */
export type KeyDerivationQueue = <T>(derivation: () => Promise<T>) => Promise<T>

/**
 * A bounded queue: two derivations run, 64 wait in the order in which they came, and the next is refused with
 * `temporarily_unavailable` at once, so that a flood of wrong secrets costs neither memory nor the event loop. Nobody waits
 * for longer than ten seconds.
 */
export function createKeyDerivationQueue(): KeyDerivationQueue {
  let running = 0
  const waiting = new Set<() => void>()

  const inLine = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const enter = (): void => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => {
        waiting.delete(enter)
        reject(tooMany())
      }, LONGEST_WAIT_MS)
      waiting.add(enter)
    })

  return async (derivation) => {
    if (running < AT_ONCE) running += 1
    else if (waiting.size < MOST_WAITING) await inLine()
    else throw tooMany()
    try {
      return await derivation()
    } finally {
      // A place is handed to the next in line, never given back in between: nobody can overtake.
      const [next] = waiting
      if (next === undefined) running -= 1
      else {
        waiting.delete(next)
        next()
      }
    }
  }
}

const tooMany = (): OAuthError =>
  new OAuthError('temporarily_unavailable', 'too many requests at once', {
    reason: 'too many human-chosen secrets are waiting to be verified',
    retryAfterSeconds: 1,
  })
