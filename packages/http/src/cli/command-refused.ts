/** What was asked for is understood, and cannot be done. The message is one line for the operator, and holds no secret. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused'
}
