import type { DomainEvent, EventListener } from '@latchkey/core'
import { type DestinationStream, symbols } from 'pino'
import type { Log } from './log.ts'

/**
 * Writes each event as one line: what it is called, and its members as they are. Events hold no secrets and no tokens.
 *
 * The line goes past pino's own serialising, which takes each member in its hands: it is all that a token request logs, and
 * would cost as much as the rest of what the service adds to it.
 */
export function createEventLog(log: Log): EventListener {
  const { [symbols.streamSym]: stream } = log as unknown as { readonly [symbols.streamSym]: DestinationStream }
  return (event: DomainEvent) => {
    const level = levelOf(event)
    if (log.isLevelEnabled(level)) stream.write(`{"level":"${level}","time":${Date.now()},"event"${membersOf(event)}\n`)
  }
}

const TYPE_FIRST = '{"type"'

/** The event as JSON behind its first name: from the colon on. */
function membersOf(event: DomainEvent): string {
  const json = JSON.stringify(event)
  if (json.startsWith(TYPE_FIRST)) return json.slice(TYPE_FIRST.length)
  const { type, ...members } = event
  return JSON.stringify({ type, ...members }).slice(TYPE_FIRST.length)
}

const INFORMING: ReadonlySet<DomainEvent['type']> = new Set([
  'token_issued',
  'token_revoked',
  'signing_key_added',
  'signing_key_removed',
])
const FAILING: ReadonlySet<DomainEvent['type']> = new Set([
  'credential_uses_lost',
  'signing_key_refused',
  'signing_keys_stale',
])

/** Faults of the server are errors; whatever did not go as somebody wanted is a warning. */
function levelOf(event: DomainEvent): 'info' | 'warn' | 'error' {
  if (INFORMING.has(event.type)) return 'info'
  if (FAILING.has(event.type)) return 'error'
  // Every client that starts is told so once: it is how it learns the nonce.
  if ('error' in event && event.error === 'use_dpop_nonce') return 'info'
  const fault = 'error' in event && (event.error === 'server_error' || event.error === 'temporarily_unavailable')
  return fault ? 'error' : 'warn'
}
