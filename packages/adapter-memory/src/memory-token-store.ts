import type { AccessTokenRecord, Clock, EpochSeconds, Sweeper, TokenStore } from '@latchkey/core'
import { systemClock } from '@latchkey/core'
import { checkedCapacity, DEFAULT_CAPACITY } from './capacity.ts'
import { createExpiringEntries } from './expiring-entries.ts'
import { frozenCopy } from './frozen-copy.ts'
import type { SharedValues } from './shared-values.ts'
import { createSharedValues } from './shared-values.ts'

/** What {@link createMemoryTokenStore} may be given. */
export interface MemoryTokenStoreOptions {
  /** How many tokens and revocations it holds at most, together. 1 000 000 unless given. */
  readonly capacity?: number
  /** Tells what has expired where there is no room. The clock of the machine unless given. */
  readonly clock?: Clock
}

/** A revocation needs no record: it is kept as the second in which it expires. */
type Entry = AccessTokenRecord | EpochSeconds

/**
 * Keeps tokens and revocations in this process, until it ends. What is found is frozen. When it is full of what has not
 * expired, `save` throws, and so does `revoke` for a token that was not saved: nothing is forgotten before its time.
 *
 * It has no timer of its own: call `sweep` now and then, or let it make room only when it is full.
 *
 * @throws TypeError when the capacity is no whole number above 0.
 */
export function createMemoryTokenStore(options: MemoryTokenStoreOptions = {}): TokenStore & Sweeper {
  const { capacity = DEFAULT_CAPACITY, clock = systemClock } = options
  const shared = createSharedValues()
  const entries = createExpiringEntries<Entry>({
    what: 'tokens and revocations',
    capacity: checkedCapacity('capacity', capacity),
    clock,
    expiryOf,
  })

  return {
    async save(record) {
      if (entries.get(record.id) === undefined) entries.add(record.id, compactCopy(record, shared))
    },
    async find(id) {
      const entry = entries.get(id)
      return typeof entry === 'object' ? entry : undefined
    },
    async revoke(id, expiresAt) {
      const entry = entries.get(id)
      if (entry === undefined) entries.add(id, expiresAt)
      else entries.replace(id, Math.max(expiresAt, expiryOf(entry)))
    },
    async isRevoked(id) {
      return typeof entries.get(id) === 'number'
    },
    sweep: entries.sweep,
  }
}

const expiryOf = (entry: Entry): EpochSeconds => (typeof entry === 'number' ? entry : entry.expiresAt)

/** Written out: an object that is spread together takes four times the space of one that is written as a whole. */
function compactCopy(record: AccessTokenRecord, shared: SharedValues): AccessTokenRecord {
  const { id, credentialId, issuedAt, expiresAt, confirmation, claims } = record
  const clientId = shared.text(record.clientId)
  const subject = record.subject === record.clientId ? clientId : shared.text(record.subject)
  const scopes = shared.list(record.scopes)
  const audience = shared.list(record.audience)
  const copy: { -readonly [Member in keyof AccessTokenRecord]: AccessTokenRecord[Member] } =
    credentialId === undefined
      ? { id, clientId, subject, scopes, audience, issuedAt, expiresAt }
      : { id, clientId, credentialId: shared.text(credentialId), subject, scopes, audience, issuedAt, expiresAt }
  if (confirmation !== undefined) copy.confirmation = frozenCopy(confirmation)
  if (claims !== undefined) copy.claims = frozenCopy(claims)
  return Object.freeze(copy)
}
