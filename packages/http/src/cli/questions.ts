import { createInterface } from 'node:readline'
import type { Io } from './io.ts'

/** Asks the person at the terminal. */
export interface Questions {
  /** One line, without the spaces around it; empty when the input has ended. */
  ask(question: string): Promise<string>
  /** Lets go of the terminal. */
  close(): void
}

/** Whether there is a person to ask. */
export const isAtTerminal = ({ stdin }: Pick<Io, 'stdin'>): boolean => stdin.isTTY === true

/** Questions go to the error output, so that an answer which is redirected holds the answer alone. */
export function createQuestions({ stdin, stderr }: Pick<Io, 'stdin' | 'stderr'>): Questions {
  const reader = createInterface({ input: stdin })
  const lines = reader[Symbol.asyncIterator]()
  return {
    async ask(question) {
      stderr.write(question)
      const { value, done } = await lines.next()
      return done === true ? '' : value.trim()
    },
    close: () => reader.close(),
  }
}

/** Asks whether to go on; anything but a yes is a no. */
export async function confirm(io: Pick<Io, 'stdin' | 'stderr'>, question: string): Promise<boolean> {
  const questions = createQuestions(io)
  try {
    return /^y(?:es)?$/i.test(await questions.ask(`${question} [y/N] `))
  } finally {
    questions.close()
  }
}
