import type { DomainEvent, EventListener } from '@latchkey/core'
import type { Log } from './log.ts'

/** Writes each event as one line: what it is called, and its members as they are. Events hold no secrets and no tokens. */
export const createEventLog =
  (log: Log): EventListener =>
  ({ type, ...members }: DomainEvent) =>
    log[levelOf(type, members)]({ event: type, ...members })

const GOOD: ReadonlySet<DomainEvent['type']> = new Set(['token_issued', 'token_revoked'])

/** Faults of the server are errors; whatever did not go as somebody wanted is a warning. */
function levelOf(type: DomainEvent['type'], members: object): 'info' | 'warn' | 'error' {
  if (GOOD.has(type)) return 'info'
  if (type === 'credential_uses_lost') return 'error'
  const fault = 'error' in members && (members.error === 'server_error' || members.error === 'temporarily_unavailable')
  return fault ? 'error' : 'warn'
}
