import { OAuthError } from '@latchkey/core'
import type { TellRefusal } from '../exchange/refusal.ts'
import type { Log } from './log.ts'

/**
 * Writes down requests that were refused before any endpoint saw them. Neither an unknown path nor a query nor a header is
 * repeated: any of them may hold a secret that somebody put in the wrong place.
 */
export const createRefusalLog =
  (log: Log): TellRefusal =>
  ({ requestId, path, thrown }) => {
    if (thrown instanceof OAuthError) {
      const { code: error, status, message, reason = message } = thrown
      log[status >= 500 ? 'error' : 'info']({ event: 'request_refused', requestId, path, status, error, reason })
    } else log.error({ event: 'request_failed', requestId, path, status: 500, ...describeFault(thrown) })
  }

/** An error as the log may have it: its own words, and where it was thrown. */
export function describeFault(fault: unknown): { readonly reason: string; readonly stack?: string | undefined } {
  if (!(fault instanceof Error)) return { reason: 'something was thrown that is no error' }
  return { reason: `${fault.name}: ${fault.message}`, stack: fault.stack }
}
