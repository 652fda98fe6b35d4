import type { Clock, Sweeper, TokenId, TokenStore } from '@latchkey/core'
import { systemClock } from '@latchkey/core'
import { checkedCapacity, DEFAULT_CAPACITY } from './capacity.ts'
import { DIGEST_WORDS, readDigest } from './digest-words.ts'
import { createExpiringTable } from './expiring-table.ts'
import { NONE } from './slots.ts'
import { createTokenDescriptions } from './token-descriptions.ts'
import { checkWholeSeconds } from './whole-seconds.ts'

/** What {@link createMemoryTokenStore} may be given. */
export interface MemoryTokenStoreOptions {
  /** How many tokens and revocations it holds at most, together. 1 000 000 unless given. */
  readonly capacity?: number
  /** Tells what has expired where there is no room. The clock of the machine unless given. */
  readonly clock?: Clock
}

/** What a revoked token has in the place of a description: its revocation needs no record. */
const REVOKED = 0

/**
 * Keeps tokens and revocations in this process, until it ends. When it is full of what has not expired, `save` throws, and
 * so does `revoke` for a token that was not saved: nothing is forgotten before its time. Both throw a TypeError for an id
 * that is not 32 bytes in base64url, and for times that are no whole seconds.
 *
 * What is found is the caller's; the lists and objects in it are frozen, since many tokens have them in common.
 *
 * It has no timer of its own: call `sweep` now and then, or let it make room only when it is full. Memory in which tokens
 * have been is kept for others.
 *
 * @throws TypeError when the capacity is no whole number above 0.
 */
export function createMemoryTokenStore(options: MemoryTokenStoreOptions = {}): TokenStore & Sweeper {
  const { capacity = DEFAULT_CAPACITY, clock = systemClock } = options
  const descriptions = createTokenDescriptions()
  const table = createExpiringTable({
    what: 'tokens and revocations',
    capacity: checkedCapacity('capacity', capacity),
    clock,
    letGo: descriptions.letGo,
  })
  /** The id that was read last: nothing comes between reading and using it but the copying of plain data. */
  const key = new Uint32Array(DIGEST_WORDS)

  const find = (id: TokenId): number => (readDigest(id, key) ? table.find(key) : NONE)

  function findWritable(id: TokenId): number {
    if (!readDigest(id, key)) throw new TypeError('a token id must be 32 bytes in base64url')
    return table.find(key)
  }

  return {
    async save(record) {
      checkWholeSeconds('issuedAt', record.issuedAt)
      checkWholeSeconds('expiresAt', record.expiresAt)
      if (findWritable(record.id) !== NONE) return
      table.makeRoom()
      table.add(key, descriptions.hold(record), record.issuedAt, record.expiresAt)
    },
    async find(id) {
      const slot = find(id)
      if (slot === NONE) return undefined
      const description = table.valueOf(slot)
      if (description === REVOKED) return undefined
      return descriptions.record(description, id, table.issuedAtOf(slot), table.expiresAtOf(slot))
    },
    async revoke(id, expiresAt) {
      checkWholeSeconds('expiresAt', expiresAt)
      const slot = findWritable(id)
      if (slot !== NONE) return table.replace(slot, REVOKED, Math.max(expiresAt, table.expiresAtOf(slot)))
      table.makeRoom()
      table.add(key, REVOKED, expiresAt, expiresAt)
    },
    async isRevoked(id) {
      const slot = find(id)
      return slot !== NONE && table.valueOf(slot) === REVOKED
    },
    sweep: table.sweep,
  }
}
