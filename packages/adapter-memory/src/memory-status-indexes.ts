import {
  type Clock,
  type EpochSeconds,
  STATUS_LIST_SIZE,
  type StatusIndexes,
  type Sweeper,
  systemClock,
} from '@latchkey/core'
import { checkedCapacity } from './capacity.ts'

/** What {@link createMemoryStatusIndexes} may be given. */
export interface MemoryStatusIndexesOptions {
  /** How many lists it holds at most, each for a million tokens and of 128 KiB once one of them is revoked. 64 unless given. */
  readonly lists?: number
  /** Tells what has expired where there is no room. The clock of the machine unless given. */
  readonly clock?: Clock
}

interface List {
  reserved: number
  expiresAt: EpochSeconds
  bits: Uint8Array
}

const DEFAULT_LISTS = 64
const NO_BITS = new Uint8Array()

/**
 * Keeps lists in this process, until it ends. When it is full of lists that have not expired, `reserve` throws.
 *
 * @throws TypeError when `lists` is no whole number above 0.
 */
export function createMemoryStatusIndexes(options: MemoryStatusIndexesOptions = {}): StatusIndexes & Sweeper {
  const { clock = systemClock } = options
  const capacity = checkedCapacity('lists', options.lists ?? DEFAULT_LISTS)
  const lists = new Map<string, List>()
  let open = ''

  function sweepAt(now: EpochSeconds): number {
    let forgotten = 0
    for (const [name, { expiresAt }] of lists) if (expiresAt < now && lists.delete(name)) forgotten++
    return forgotten
  }

  /** The list that has room, or a new one, whose name says nothing. */
  function listWith(count: number): List {
    const known = lists.get(open)
    if (known !== undefined && known.reserved + count <= STATUS_LIST_SIZE) return known
    if (lists.size >= capacity) sweepAt(clock.now())
    if (lists.size >= capacity) throw new Error(`the memory is full: it holds ${capacity} lists, none of them expired`)
    open = crypto.randomUUID()
    const list = { reserved: 0, expiresAt: 0, bits: NO_BITS }
    lists.set(open, list)
    return list
  }

  return {
    async reserve(count, expiresAt) {
      const list = listWith(count)
      const first = list.reserved
      list.reserved += count
      list.expiresAt = Math.max(list.expiresAt, expiresAt)
      return { list: open, first }
    },
    async revoke(name, index) {
      const list = lists.get(name)
      if (list === undefined) return
      if (list.bits === NO_BITS) list.bits = new Uint8Array(STATUS_LIST_SIZE / 8)
      list.bits[index >> 3] = (list.bits[index >> 3] ?? 0) | (1 << (index & 7))
    },
    async revoked(name) {
      return lists.get(name)?.bits.slice()
    },
    sweep: async (now) => sweepAt(now),
  }
}
