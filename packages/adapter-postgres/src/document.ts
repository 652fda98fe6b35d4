/**
 * A document as the database holds it.
 *
 * @throws TypeError when it is no object. The message repeats nothing of it: a client's document holds hashes.
 */
export function readDocument(what: string, text: string): Record<string, unknown> {
  const value = parsed(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError(`the record of a ${what} cannot be read: it is no object`)
  return value as Record<string, unknown>
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
