import type { EpochSeconds } from '@latchkey/core'

/** Adds a second; the earliest is the first of the heap. */
export function pushToHeap(heap: EpochSeconds[], second: EpochSeconds): void {
  let child = heap.push(second) - 1
  while (child > 0) {
    const parent = (child - 1) >> 1
    if (at(heap, parent) <= second) break
    heap[child] = at(heap, parent)
    child = parent
  }
  heap[child] = second
}

/** Takes out the earliest second, if there is one. */
export function popFromHeap(heap: EpochSeconds[]): void {
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
