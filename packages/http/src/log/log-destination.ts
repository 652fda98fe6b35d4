import { type DestinationStream, destination } from 'pino'

/** A stream for the log, and what makes sure that all of it is written. */
export interface LogDestination {
  readonly stream: DestinationStream
  /** Writes what waits, at once, and may overtake a line that is being written. For where nobody can wait. */
  readonly flush: () => void
  /** Resolves when every line is written, in order. Nothing may be logged afterwards. */
  readonly end: () => Promise<void>
}

/**
 * The standard output: JSON for programs, and something pleasant for a person at a terminal.
 *
 * Lines are written while the process goes on; those that come during a write go out together with the next one.
 */
export async function openLogDestination(terminal: boolean): Promise<LogDestination> {
  const output = destination({ fd: 1, sync: false })
  const flush = (): void => output.flushSync()
  const closed = new Promise<void>((resolve) => output.once('close', resolve))
  if (!terminal) {
    const end = (): Promise<void> => {
      output.end()
      return closed
    }
    return { stream: output, flush, end }
  }
  const { PinoPretty } = await import('pino-pretty')
  const stream = PinoPretty({
    colorize: true,
    destination: output,
    ignore: 'event',
    messageFormat: '{if event}{event} {end}{msg}',
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss',
  })
  // It ends the output by itself, once it has made its last line pleasant.
  const end = (): Promise<void> => {
    stream.end()
    return closed
  }
  return { stream, flush, end }
}
