/** How many records a store holds at most unless it is told otherwise. */
export const DEFAULT_CAPACITY = 1_000_000

/** @throws TypeError that names the option, unless it is a whole number above 0. */
export function checkedCapacity(name: string, capacity: number): number {
  if (!Number.isSafeInteger(capacity) || capacity < 1) throw new TypeError(`${name} must be a whole number above 0`)
  return capacity
}
