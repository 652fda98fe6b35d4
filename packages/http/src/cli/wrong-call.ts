/** What was asked for is not understood. Each problem is one line for the operator, and none holds a secret. */
export class WrongCall extends Error {
  override readonly name = 'WrongCall'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}
