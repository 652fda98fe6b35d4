import { StartRefused } from '../start-refused.ts'
import type { Io } from './io.ts'

const INTERRUPT = '\u0003'
const END_OF_INPUT = '\u0004'
const BACKSPACES = ['\u0008', '\u007f']
const LINE_ENDS = ['\r', '\n', END_OF_INPUT]

/** Reads a secret: a line that is not shown, from a terminal; else all there is, without one line break at its end. */
export function readSecret({ stdin, stderr }: Io): Promise<string> {
  return stdin.isTTY && stdin.setRawMode ? promptFor({ stdin, stderr }) : contentOf(stdin)
}

async function contentOf(stdin: Io['stdin']): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
}

async function promptFor({ stdin, stderr }: Pick<Io, 'stdin' | 'stderr'>): Promise<string> {
  stderr.write('Secret: ')
  stdin.setRawMode?.(true)
  stdin.setEncoding('utf8')
  let secret = ''
  try {
    for await (const typed of stdin)
      for (const character of String(typed)) {
        if (LINE_ENDS.includes(character)) return secret
        if (character === INTERRUPT) throw new StartRefused(['interrupted'])
        secret = BACKSPACES.includes(character) ? secret.slice(0, -1) : secret + character
      }
    return secret
  } finally {
    stdin.setRawMode?.(false)
    stderr.write('\n')
  }
}
