import { createRequire } from 'node:module'
import type { DomainEvent, EventListener, TokenIssued } from '@latchkey/core'
import type { DestinationStream } from 'pino'
import type { Log } from './log.ts'

const { symbols } = createRequire(import.meta.url)('pino') as typeof import('pino')

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
  if (event.type === 'token_issued') return membersOfIssued(event)
  const json = JSON.stringify(event)
  if (json.startsWith(TYPE_FIRST)) return json.slice(TYPE_FIRST.length)
  const { type, ...members } = event
  return JSON.stringify({ type, ...members }).slice(TYPE_FIRST.length)
}

/** The same, written out: there is one for each token, and to look what members it has takes longer than to write them. */
function membersOfIssued(event: TokenIssued): string {
  const { at, requestId, credentialId, tokenId, grantType, scopes, audience, expiresAt } = event
  const clientId = quoted(event.clientId)
  const subject = event.subject === event.clientId ? clientId : quoted(event.subject)
  const by = credentialId === undefined ? '' : `,"credentialId":${quoted(credentialId)}`
  return `:"token_issued","at":${at},"requestId":${quoted(requestId)},"clientId":${clientId}${by},"tokenId":${quoted(tokenId)},"grantType":${quoted(grantType)},"subject":${subject},"scopes":${listed(scopes)},"audience":${listed(audience)},"expiresAt":${expiresAt}}`
}

/** What JSON writes as it is (RFC 8259 §7). */
const PLAIN = /^[ !#-[\]-~]*$/
const quoted = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text))

/** Lists that cannot change: a client's tokens have the same scopes and the same audience again and again. */
const written = new WeakMap<readonly string[], string>()

function listed(texts: readonly string[]): string {
  const before = written.get(texts)
  if (before !== undefined) return before
  const list = `[${texts.map(quoted).join()}]`
  if (Object.isFrozen(texts)) written.set(texts, list)
  return list
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
