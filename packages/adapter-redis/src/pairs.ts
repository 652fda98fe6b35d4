import { broken } from './broken.ts'

/**
 * The fields and values of a hash, as a script hands them out: a list, whatever the protocol. A map would lose the name
 * `__proto__`.
 *
 * @throws TypeError when it is no such list.
 */
export function inPairs(reply: unknown, what: string): readonly (readonly [field: string, value: string])[] {
  if (!Array.isArray(reply)) throw broken(what)
  const texts: readonly unknown[] = reply
  const pairs: (readonly [string, string])[] = []
  for (let index = 0; index < texts.length; index += 2) {
    const [field, value] = [texts[index], texts[index + 1]]
    if (typeof field !== 'string' || typeof value !== 'string') throw broken(what)
    pairs.push([field, value])
  }
  return pairs
}
