/**
 * Whether two values are the same plain data: the same members, whatever their order, the same elements in the same order.
 * A member that is `undefined` is not a member that is absent.
 */
export function sameData(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const members = Object.keys(a)
  return (
    members.length === Object.keys(b).length &&
    members.every((member) => Object.hasOwn(b, member) && sameData(Reflect.get(a, member), Reflect.get(b, member)))
  )
}
