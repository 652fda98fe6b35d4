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
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return 'it failed'
  // Node's own error for a host whose every address refuses has a code and no message.
  return error.message || (error as { readonly code?: string }).code || 'it failed'
}
