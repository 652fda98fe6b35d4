import type { JsonValue } from '../domain/json-value.ts'

/** A JSON string that stands before a colon, which in valid JSON is a name, or the brace of an object. Lists have no names. */
const NAMES_AND_BRACES = /"[^"\\]*(?:\\.[^"\\]*)*"(?<colon>\s*:)?|[{}]/g

/**
 * Reads JSON in which no object names a member twice: of two values the usual parser keeps the last without a word
 * (RFC 8259 §4).
 *
 * @throws TypeError that says where it is not JSON or which name is repeated, and never repeats a value: it may be a secret.
 */
export function parseStrictJson(text: string): JsonValue {
  const value = parse(text)
  const open: Set<string>[] = []
  for (const { 0: found, groups, index } of text.matchAll(NAMES_AND_BRACES)) {
    if (found === '{') open.push(new Set())
    else if (found === '}') open.pop()
    else if (groups?.['colon'] !== undefined) {
      const name = JSON.parse(found.slice(0, found.lastIndexOf('"') + 1)) as string
      const names = open.at(-1)
      if (names?.has(name))
        throw new TypeError(`line ${lineAt(text, index)}: the name ${JSON.stringify(name)} is given twice`)
      names?.add(name)
    }
  }
  return value
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch (error) {
    // The engine's message quotes the text around the fault: only the position is taken from it.
    const position = /position (?<position>\d+)/.exec((error as Error).message)?.groups?.['position']
    const where = position === undefined ? '' : ` (line ${lineAt(text, Number(position))})`
    throw new TypeError(`it is not valid JSON${where}`)
  }
}

const lineAt = (text: string, index: number): number => text.slice(0, index).split('\n').length
