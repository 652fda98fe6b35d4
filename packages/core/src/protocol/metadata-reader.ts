import type { JsonObject, JsonValue } from '../domain/json-value.ts'
import { nearestName } from './nearest-name.ts'

/** Tells of a fault in words that never repeat a secret. */
export type Complain = (problem: string) => void

/** Reads one member of metadata, a client's or another: what it says of its definition, or a complaint. */
export type MemberReader<Definition> = (value: JsonValue, complain: Complain) => Partial<Definition>

/** Whether a value is a JSON object. */
export const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Complains of a name that nobody knows, and says which one is near. */
export function checkName(name: string, known: readonly string[], complain: Complain): void {
  if (known.includes(name)) return
  const nearest = nearestName(name, known)
  complain(
    `${JSON.stringify(name.slice(0, 64))} is not known${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
  )
}

/** A member that is a text. */
export function text<Definition>(use: (value: string) => Partial<Definition>): MemberReader<Definition> {
  return (value, complain) => {
    if (typeof value === 'string') return use(value)
    complain('must be a text')
    return {}
  }
}

/** A member that is a list of texts. */
export function texts<Definition>(use: (values: readonly string[]) => Partial<Definition>): MemberReader<Definition> {
  return (value, complain) => {
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return use(value)
    complain('must be a list of texts')
    return {}
  }
}

/** A member that is true or false. */
export function boolean<Definition>(use: (value: boolean) => Partial<Definition>): MemberReader<Definition> {
  return (value, complain) => {
    if (typeof value === 'boolean') return use(value)
    complain('must be true or false')
    return {}
  }
}

/** A member that is one of some words. */
export function oneOf<Word extends string, Definition>(
  words: readonly Word[],
  use: (word: Word) => Partial<Definition>,
): MemberReader<Definition> {
  return (value, complain) => {
    const word = words.find((known) => known === value)
    if (word !== undefined) return use(word)
    complain(`must be one of ${words.join(', ')}`)
    return {}
  }
}
