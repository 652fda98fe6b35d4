/** Whether two values are the same plain data: the same members, whatever their order, the same elements in the same order. */
export function sameData(one: unknown, other: unknown): boolean {
  // Not by `===`: 0 and -0 are written as two numbers.
  if (Object.is(one, other)) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  // The length too: a list may have places in which nothing is.
  if (Array.isArray(one) ? !Array.isArray(other) || one.length !== other.length : Array.isArray(other)) return false
  const members = Object.keys(one)
  return (
    members.length === Object.keys(other).length &&
    members.every(
      (member) => Object.hasOwn(other, member) && sameData(Reflect.get(one, member), Reflect.get(other, member)),
    )
  )
}

/** Whether two lists hold the same texts in the same order. */
export function sameTexts(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false
  return true
}
