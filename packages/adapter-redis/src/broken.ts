/** A value that this version cannot read. It holds nothing of the value, which may be anything. */
export const broken = (what: string): TypeError =>
  new TypeError(`the record of ${what} in Redis cannot be read: it is corrupted, or of another version`)

/** What JSON says, or a broken record. */
export function parsed(json: string, what: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    throw broken(what)
  }
}
