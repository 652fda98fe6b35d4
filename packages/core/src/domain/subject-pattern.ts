/**
 * Whether a subject is one that a pattern stands for: `*` stands for any characters but `:` and `/`, so that it never
 * reaches beyond its own part of a name, and every other character stands for itself alone.
 */
export function matchesSubject(pattern: string, subject: string): boolean {
  const wanted = segmentsOf(pattern)
  const given = segmentsOf(subject)
  return wanted.length === given.length && wanted.every((segment, index) => matchesSegment(segment, given[index] ?? ''))
}

/** The separators stand among the segments, so that `a:b` and `a/b` differ. */
const segmentsOf = (name: string): readonly string[] => name.split(/([:/])/)

/** Takes each part where it is found first, which is enough where all but the first and the last may stand anywhere. */
function matchesSegment(pattern: string, segment: string): boolean {
  const [first = '', ...others] = pattern.split('*')
  const last = others.pop()
  if (last === undefined) return segment === first
  if (segment.length < first.length + last.length || !segment.startsWith(first) || !segment.endsWith(last)) return false
  const end = segment.length - last.length
  let from = first.length
  for (const part of others) {
    const found = segment.indexOf(part, from)
    if (found < 0 || found + part.length > end) return false
    from = found + part.length
  }
  return true
}
