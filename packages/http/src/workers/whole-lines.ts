import type { Readable } from 'node:stream'
import type { DestinationStream } from 'pino'

const LINE_BREAK = 0x0a

/**
 * Hands on what is written to a stream, whole lines at a time: so lines of several writers are never mixed, however long
 * they are. What a writer that was killed has left of a line is not handed on.
 */
export function handOnWholeLines(from: Readable, to: Pick<DestinationStream, 'write'>): void {
  let begun: Buffer[] = []
  from.on('data', (chunk: Buffer) => {
    const end = chunk.lastIndexOf(LINE_BREAK) + 1
    if (end > 0) {
      to.write(Buffer.concat([...begun, chunk.subarray(0, end)]).toString())
      begun = []
    }
    if (end < chunk.length) begun.push(chunk.subarray(end))
  })
}
