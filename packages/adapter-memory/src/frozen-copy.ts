/** A copy of plain data that nobody can change, however deep: it may be handed out again and again. */
export function frozenCopy<Data>(data: Data): Data {
  return copyOf(data) as Data
}

function copyOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return Object.freeze(value.map(copyOf))
  // `fromEntries` defines members where an assignment would set the prototype by one that is named `__proto__`.
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copyOf(member)])))
}
