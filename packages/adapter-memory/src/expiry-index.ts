import type { EpochSeconds } from '@latchkey/core'

/** Keys in the order in which they expire, so that a sweep touches nothing but what has expired. */
export interface ExpiryIndex {
  /** Notes a key. Noting it twice makes it come back twice. */
  add(key: string, expiresAt: EpochSeconds): void
  /** Takes out at most `limit` keys whose `expiresAt` has passed at `now`; fewer only when no more have. */
  takeExpired(now: EpochSeconds, limit: number): readonly string[]
}

/**
 * One list of keys for each second in which something expires, and a heap of these seconds. A key costs the eight bytes
 * of its place in a list; a second costs a list, however many keys share it.
 */
export function createExpiryIndex(): ExpiryIndex {
  const keysBySecond = new Map<EpochSeconds, string[]>()
  const seconds: EpochSeconds[] = []

  return {
    add(key, expiresAt) {
      const keys = keysBySecond.get(expiresAt)
      if (keys !== undefined) {
        keys.push(key)
        return
      }
      keysBySecond.set(expiresAt, [key])
      pushToHeap(seconds, expiresAt)
    },

    takeExpired(now, limit) {
      const taken: string[] = []
      while (taken.length < limit) {
        const second = seconds[0]
        // The second itself still counts: it must have passed.
        if (second === undefined || second >= now) break
        const keys = keysBySecond.get(second) ?? []
        while (taken.length < limit) {
          const key = keys.pop()
          if (key === undefined) break
          taken.push(key)
        }
        if (keys.length > 0) break
        keysBySecond.delete(second)
        popFromHeap(seconds)
      }
      return taken
    },
  }
}

function pushToHeap(heap: number[], value: number): void {
  let child = heap.push(value) - 1
  while (child > 0) {
    const parent = (child - 1) >> 1
    if (at(heap, parent) <= value) break
    heap[child] = at(heap, parent)
    child = parent
  }
  heap[child] = value
}

function popFromHeap(heap: number[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let parent = 0
  for (;;) {
    let child = 2 * parent + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && at(heap, child + 1) < at(heap, child)) child++
    if (at(heap, child) >= last) break
    heap[parent] = at(heap, child)
    parent = child
  }
  heap[parent] = last
}

/** Where the caller knows that there is one. */
const at = (heap: readonly number[], index: number): number => heap[index] as number
