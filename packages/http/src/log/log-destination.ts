import { type DestinationStream, destination } from 'pino'

/** A stream for the log, and what makes sure that all of it is written. */
export interface LogDestination {
  readonly stream: DestinationStream
  /** Writes what waits, at once. For the end of the process. */
  readonly flush: () => void
}

/**
 * The standard output: JSON for programs, and something pleasant for a person at a terminal.
 *
 * Lines are written while the process goes on; those that come during a write go out together with the next one.
 */
export async function openLogDestination(terminal: boolean): Promise<LogDestination> {
  const output = destination({ fd: 1, sync: false })
  const flush = (): void => output.flushSync()
  if (!terminal) return { stream: output, flush }
  const { PinoPretty } = await import('pino-pretty')
  const stream = PinoPretty({
    colorize: true,
    destination: output,
    ignore: 'event',
    messageFormat: '{if event}{event} {end}{msg}',
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss',
  })
  return { stream, flush }
}
