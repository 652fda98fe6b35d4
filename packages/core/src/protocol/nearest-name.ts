/** A name that is further away than this from what was written is another word, not a slip of the hand. */
const FURTHEST = 3

/**
 * The known name that somebody probably meant, by the fewest letters to add, drop or change; `undefined` when none is near.
 * Letter case does not count.
 */
export function nearestName(written: string, known: Iterable<string>): string | undefined {
  let nearest: string | undefined
  let least = Math.min(FURTHEST, Math.floor(written.length / 2)) + 1
  for (const name of known) {
    const distance = editDistance(written.toLowerCase().slice(0, 100), name.toLowerCase())
    if (distance < least) {
      least = distance
      nearest = name
    }
  }
  return nearest
}

/** Levenshtein's distance, a row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i += 1) {
    const above = row
    row = [i]
    for (let j = 1; j <= b.length; j += 1)
      row[j] = Math.min(
        (above[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
      )
  }
  return row[b.length] ?? 0
}
