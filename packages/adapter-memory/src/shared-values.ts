/** Values that many records have in common, each held once. */
export interface SharedValues {
  /** An equal text, the same one every time. */
  text(text: string): string
  /** An equal list, frozen, the same one every time. */
  list(texts: readonly string[]): readonly string[]
}

/** How many of each it knows at once. Beyond that it begins anew, which costs space and nothing else. */
const LIMIT = 4096

/**
 * Most tokens of a client differ in their ids and times alone, so they share the rest. What is shared is a copy: a text
 * cut out of a request would keep all of that request in memory, for as long as the token lives.
 */
export function createSharedValues(): SharedValues {
  const texts = new Map<string, string>()
  const lists = new Map<string, readonly string[]>()
  const shareText = (text: string): string => remember(texts, text, text)

  return {
    text: (text) => texts.get(text) ?? shareText(copyOf(text)),
    list(list) {
      // Two lists may have one key; then only the first is shared.
      const key = list.length === 1 ? (list[0] as string) : list.join(' ')
      const known = lists.get(key)
      if (known === undefined) return remember(lists, copyOf(key), Object.freeze(copyOf(list)))
      return areEqual(known, list) ? known : Object.freeze(copyOf(list))
    },
  }
}

/** Whatever the text holds, lone surrogates too, JSON gives it back. */
const copyOf = <Json>(value: Json): Json => JSON.parse(JSON.stringify(value)) as Json

const areEqual = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((text, index) => text === other[index])

function remember<Value>(known: Map<string, Value>, key: string, value: Value): Value {
  if (known.size >= LIMIT) known.clear()
  known.set(key, value)
  return value
}
