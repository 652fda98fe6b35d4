import { NEXT_IN_BUCKET, NONE, type Slots } from './slots.ts'

/** Finds slots by their keys. There is a bucket for each slot, which comes with it, so that no growth stops the world. */
export interface Buckets {
  /** The slot that has this key, or {@link NONE}. */
  find(key: Uint32Array): number
  /** Takes in a slot whose key no other has. */
  add(slot: number): void
  /** Takes out a slot that is in. */
  remove(slot: number): void
  /** Opens a slot and its bucket, which takes over what is its own from the one bucket that has held it until now. */
  open(): number
}

/** Heads are added so many at once, in one piece, and never copied. */
const SLAB_BITS = 12
const SLAB_HEADS = 1 << SLAB_BITS

/**
 * A hash table that grows by one bucket at a time (linear hashing). Keys are digests or drawn at random, so that their bits
 * are as good as those of any hash of them.
 */
export function createBuckets(slots: Slots): Buckets {
  const heads = [new Uint32Array(SLAB_HEADS)]
  /** As many low bits as the number of the last bucket has. */
  let mask = 0

  const headOf = (bucket: number): number =>
    (heads[bucket >>> SLAB_BITS] as Uint32Array)[bucket & (SLAB_HEADS - 1)] as number

  function setHead(bucket: number, slot: number): void {
    ;(heads[bucket >>> SLAB_BITS] as Uint32Array)[bucket & (SLAB_HEADS - 1)] = slot
  }

  function prepend(bucket: number, slot: number): void {
    slots.setNumber(slot, NEXT_IN_BUCKET, headOf(bucket))
    setHead(bucket, slot)
  }

  const bucketOf = (firstWord: number): number => {
    const bucket = firstWord & mask
    // Where that bucket is not there yet, the one that has a bit less holds what will be its own.
    return bucket < slots.count ? bucket : firstWord & (mask >>> 1)
  }

  return {
    find(key) {
      let slot = headOf(bucketOf(key[0] as number))
      while (slot !== NONE && !slots.hasKey(slot, key)) slot = slots.number(slot, NEXT_IN_BUCKET)
      return slot
    },

    add: (slot) => prepend(bucketOf(slots.firstWord(slot)), slot),

    remove(slot) {
      const bucket = bucketOf(slots.firstWord(slot))
      const next = slots.number(slot, NEXT_IN_BUCKET)
      let before = headOf(bucket)
      if (before === slot) return setHead(bucket, next)
      while (slots.number(before, NEXT_IN_BUCKET) !== slot) before = slots.number(before, NEXT_IN_BUCKET)
      slots.setNumber(before, NEXT_IN_BUCKET, next)
    },

    open() {
      if (slots.count === heads.length * SLAB_HEADS) heads.push(new Uint32Array(SLAB_HEADS))
      const opened = slots.open()
      if (opened > mask) mask = mask * 2 + 1
      const parted = opened & (mask >>> 1)
      let slot = headOf(parted)
      setHead(parted, NONE)
      while (slot !== NONE) {
        const next = slots.number(slot, NEXT_IN_BUCKET)
        prepend((slots.firstWord(slot) & mask) === opened ? opened : parted, slot)
        slot = next
      }
      return opened
    },
  }
}
