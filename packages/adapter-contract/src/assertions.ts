import { sameData } from './same-data.ts'

/** @throws Error that says what was expected, unless it is so. */
export function assertThat(condition: boolean, expectation: string): asserts condition {
  if (!condition) throw new Error(expectation)
}

/** @throws Error that shows both, unless they are the same plain data. */
export function assertSame(actual: unknown, expected: unknown, what: string): void {
  assertThat(sameData(actual, expected), `${what}: expected ${shown(expected)}, got ${shown(actual)}`)
}

/** @throws Error unless exactly one of the racers was told `true`, and every other one `false`. */
export function assertOneWinner(answers: readonly boolean[], what: string): void {
  const winners = answers.filter((answer) => answer === true).length
  const losers = answers.filter((answer) => answer === false).length
  assertThat(
    winners === 1 && losers === answers.length - 1,
    `${what}: expected one winner of ${answers.length}, got ${winners} winners and ${losers} losers`,
  )
}

const LONGEST_SHOWN = 600

/** JSON, since it escapes what a terminal cannot show. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text
}
