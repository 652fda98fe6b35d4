import { DIGEST_WORDS } from './digest-words.ts'

/** The slot that holds no entry: where a chain ends. */
export const NONE = 0

/** What a slot says of itself and of its neighbours, one number of 32 bits each, behind the key and the times. */
export const VALUE = 12
export const NEXT_IN_BUCKET = 13
export const NEXT_IN_SECOND = 14

/** What a slot says of times, in seconds and 64 bits each, right behind the key. */
export const EXPIRES_AT = 4
export const ISSUED_AT = 5

/** Where in a slot its numbers are. */
export type NumberField = typeof VALUE | typeof NEXT_IN_BUCKET | typeof NEXT_IN_SECOND
/** Where in a slot its times are. */
export type TimeField = typeof EXPIRES_AT | typeof ISSUED_AT

/** One is to spare, so that the times of every slot lie where numbers of 64 bits may. */
const WORDS = 16
const TIMES = WORDS / 2

/** Slots are added by the slab, 128 KiB in one piece: few enough to take no time, and none is ever copied. */
const SLAB_BITS = 11
const SLAB_SLOTS = 1 << SLAB_BITS

/** Places for entries, numbered from {@link NONE} on. The garbage collector sees a few arrays of bytes, however many there are. */
export interface Slots {
  readonly count: number
  /** Adds one, in which everything is 0, and returns its number. Memory stays taken: a slot is used again, not given back. */
  open(): number
  number(slot: number, field: NumberField): number
  setNumber(slot: number, field: NumberField, number: number): void
  time(slot: number, field: TimeField): number
  setTime(slot: number, field: TimeField, seconds: number): void
  /** The first word of the key. */
  firstWord(slot: number): number
  hasKey(slot: number, key: Uint32Array): boolean
  setKey(slot: number, key: Uint32Array): void
}

/** Makes one slot, {@link NONE}, and room for some. */
export function createSlots(): Slots {
  const numbers: Uint32Array[] = []
  const times: Float64Array[] = []
  let count = 0

  function open(): number {
    if (count === numbers.length * SLAB_SLOTS) {
      const slab = new Uint32Array(SLAB_SLOTS * WORDS)
      numbers.push(slab)
      times.push(new Float64Array(slab.buffer))
    }
    return count++
  }
  open()

  const numbersOf = (slot: number): Uint32Array => numbers[slot >>> SLAB_BITS] as Uint32Array
  const timesOf = (slot: number): Float64Array => times[slot >>> SLAB_BITS] as Float64Array

  return {
    get count() {
      return count
    },
    open,
    number: (slot, field) => numbersOf(slot)[placeOf(slot) * WORDS + field] as number,
    setNumber(slot, field, number) {
      numbersOf(slot)[placeOf(slot) * WORDS + field] = number
    },
    time: (slot, field) => timesOf(slot)[placeOf(slot) * TIMES + field] as number,
    setTime(slot, field, seconds) {
      timesOf(slot)[placeOf(slot) * TIMES + field] = seconds
    },
    firstWord: (slot) => numbersOf(slot)[placeOf(slot) * WORDS] as number,
    hasKey(slot, key) {
      const slab = numbersOf(slot)
      const start = placeOf(slot) * WORDS
      for (let word = 0; word < DIGEST_WORDS; word++) if (slab[start + word] !== key[word]) return false
      return true
    },
    setKey(slot, key) {
      numbersOf(slot).set(key, placeOf(slot) * WORDS)
    },
  }
}

/** Where in its slab it is. */
const placeOf = (slot: number): number => slot & (SLAB_SLOTS - 1)
