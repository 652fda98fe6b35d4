import { createRequire } from 'node:module'
import type { DestinationStream } from 'pino'

const { destination } = createRequire(import.meta.url)('pino') as typeof import('pino')

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
 * @param soon when lines for programs are written: at the end of the turn, unless somebody else has the work of each write.
 */
export async function openLogDestination(
  terminal: boolean,
  soon: (handOn: () => void) => unknown = setImmediate,
): Promise<LogDestination> {
  const output = destination({ fd: 1, sync: false })
  const closed = new Promise<void>((resolve) => output.once('close', resolve))
  if (!terminal) {
    let ended = false
    // What is logged after the end has nowhere to go: a request that was given up may still come to something.
    const { stream, handOn } = inTurns({ write: (lines) => void (ended || output.write(lines)) }, soon)
    return {
      stream,
      flush() {
        handOn()
        if (!ended) output.flushSync()
      },
      end() {
        handOn()
        ended = true
        output.end()
        return closed
      },
    }
  }
  const { PinoPretty } = await import('pino-pretty')
  const stream = PinoPretty({
    colorize: true,
    destination: output,
    ignore: 'event',
    // An `error` is a code of the protocol here, and no object to be spread over lines.
    errorLikeObjectKeys: [],
    messageFormat: ({ event, msg = event }) => String(msg),
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss',
  })
  // It ends the output by itself, once it has made its last line pleasant.
  const end = (): Promise<void> => {
    stream.end()
    return closed
  }
  const flush = (): void => {
    if (!stream.writableEnded) output.flushSync()
  }
  return { stream: { write: (line) => void (stream.writableEnded || stream.write(line)) }, flush, end }
}

/** A stream that collects lines, and the function that hands on what it has at once. */
export interface LinesInTurns {
  readonly stream: DestinationStream
  readonly handOn: () => void
}

/** Hands on the lines of one turn of the event loop together: under load that is one write for many, and alone it delays none. */
export function inTurns(output: DestinationStream, soon: (handOn: () => void) => unknown = setImmediate): LinesInTurns {
  let lines = ''
  const handOn = (): void => {
    if (lines === '') return
    const waiting = lines
    lines = ''
    output.write(waiting)
  }
  return {
    handOn,
    stream: {
      write(line) {
        if (lines === '') soon(handOn)
        lines += line
      },
    },
  }
}
