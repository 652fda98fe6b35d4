import type { JsonValue } from '@latchkey/core'
import { InvalidArgumentError, Option } from 'commander'
import { WrongCall } from './wrong-call.ts'

/** An option that may be given again. */
export const listOption = (flags: string, meaning: string): Option => new Option(flags, meaning).argParser(item)

const item = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

/** Scopes that an option holds: none has a space in it (RFC 6749 §3.3), so that several may be given at once. */
export const words = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...value.split(' ').filter(Boolean),
]

/** A whole number of seconds. @throws InvalidArgumentError */
export function seconds(value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new InvalidArgumentError('It is a whole number of seconds above 0.')
  return Number(value)
}

/** A value in JSON. @throws InvalidArgumentError */
export function json(value: string): JsonValue {
  try {
    return JSON.parse(value) as JsonValue
  } catch {
    throw new InvalidArgumentError('It is no JSON.')
  }
}

/** `--unset`: what shall be there no more, of the members that need not be. */
export function unsetOption(members: readonly string[]): Option {
  const member = (value: string, before: readonly string[] = []): readonly string[] => {
    if (!members.includes(value)) throw new WrongCall([`--unset takes one of ${members.join(', ')}`])
    return [...before, value]
  }
  return new Option('--unset <member>', 'what it shall not have any more; may be given again')
    .choices(members)
    .argParser(member)
}
