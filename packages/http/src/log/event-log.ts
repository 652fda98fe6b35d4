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
  const lists = { scopes: createListWriter(), audience: createListWriter() }
  return (event: DomainEvent) => {
    const level = levelOf(event)
    if (!log.isLevelEnabled(level)) return
    const members = event.type === 'token_issued' ? membersOfIssued(event, lists) : membersOf(event)
    stream.write(`{"level":"${level}","time":${Date.now()},"event"${members}\n`)
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

/** The same, written out: there is one for each token, and to look what members it has takes longer than to write them. */
function membersOfIssued(event: TokenIssued, lists: ListWriters): string {
  const { at, requestId, credentialId, tokenId, grantType, scopes, audience, expiresAt } = event
  const clientId = quoted(event.clientId)
  const subject = event.subject === event.clientId ? clientId : quoted(event.subject)
  const by = credentialId === undefined ? '' : `,"credentialId":${quoted(credentialId)}`
  return `:"token_issued","at":${at},"requestId":${quoted(requestId)},"clientId":${clientId}${by},"tokenId":${quoted(tokenId)},"grantType":${quoted(grantType)},"subject":${subject},"scopes":${lists.scopes(scopes)},"audience":${lists.audience(audience)},"expiresAt":${expiresAt}}`
}

/** What JSON writes as it is (RFC 8259 §7). */
const PLAIN = /^[ !#-[\]-~]*$/
const quoted = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text))

type ListWriter = (texts: readonly string[]) => string
type ListWriters = Readonly<Record<'scopes' | 'audience', ListWriter>>

/** Writes a list. One that cannot change is written once, for as long as the same comes again. */
function createListWriter(): ListWriter {
  let last: readonly string[] | undefined
  let written = ''
  return (texts) => {
    if (texts === last) return written
    const list = `[${texts.map(quoted).join()}]`
    if (Object.isFrozen(texts)) {
      last = texts
      written = list
    }
    return list
  }
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
