import type { JsonObject } from '@latchkey/core'
import type { Io } from './io.ts'

/** What a terminal would obey rather than show: an operator's words for a client may hold anything. */
const CONTROLS = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu
const UNSHOWN_BY_JSON = /[\u007f-\u009f\p{Bidi_Control}\u2028\u2029]/gu

/** A text as it may be shown to a person, on one line. */
export const printable = (text: string): string => text.replace(CONTROLS, '?')

/** Prints a document for programs. */
export function printJson({ stdout }: Pick<Io, 'stdout'>, document: JsonObject): void {
  const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  stdout.write(`${JSON.stringify(document, null, 2).replace(UNSHOWN_BY_JSON, escaped)}\n`)
}

/** Prints a line for people. */
export function printLine({ stdout }: Pick<Io, 'stdout'>, text: string): void {
  stdout.write(`${printable(text)}\n`)
}

/** Tells what is not part of the answer, where it gets into nobody's pipe. */
export function note({ stderr }: Pick<Io, 'stderr'>, text: string): void {
  stderr.write(`${printable(text)}\n`)
}

/** Prints rows under their headings, each column as wide as it must be. */
export function printTable(
  { stdout }: Pick<Io, 'stdout'>,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  stdout.write(aligned([headings, ...rows]))
}

/** Prints names with what they are beside them. */
export function printFields({ stdout }: Pick<Io, 'stdout'>, fields: readonly (readonly [string, string])[]): void {
  stdout.write(aligned(fields))
}

function aligned(rows: readonly (readonly string[])[]): string {
  const shown = rows.map((row) => row.map(printable))
  const widths = (shown[0] ?? []).map((_, column) => Math.max(...shown.map((row) => row[column]?.length ?? 0)))
  return shown
    .map((row) => `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
    .map((line) => `${line}\n`)
    .join('')
}
