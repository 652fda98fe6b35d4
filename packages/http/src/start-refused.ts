/** The service cannot start as it is set up. Each problem is one line for the operator, and none holds a secret. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused'
  readonly problems: readonly string[]

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(problems.join('\n'), options)
    this.problems = problems.map((problem) => problem.replaceAll(/\s*\n\s*/g, ' '))
  }
}

/** What an error says, in one line and for the operator. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'it failed')
