import { MOST_IN_FLIGHT, tooSlow } from './commands.ts'

/** What is asked together: each question beside whoever waits for its answer. */
interface Turn<Question, Answer> {
  readonly questions: Question[]
  readonly askers: { readonly resolve: (answer: Answer) => void; readonly reject: (error: unknown) => void }[]
}

/**
 * How many questions one command takes. A few, so that Redis answers some of the callers while it works for the others; and
 * so that nobody else waits for it long: it does nothing beside a command.
 */
const MOST_TOGETHER = 32

/**
 * Asks together what comes up in one turn of the event loop: what a driver does for one command costs more than what Redis
 * does for one key.
 *
 * @param ask Gets as many questions as one command takes; answers each in its place, or rejects for all of them.
 */
export function inTurns<Question, Answer>(
  ask: (questions: readonly Question[]) => Promise<readonly Answer[]>,
): (question: Question) => Promise<Answer> {
  let open = 0
  let turn: Turn<Question, Answer> | undefined

  async function settle({ questions, askers }: Turn<Question, Answer>): Promise<void> {
    try {
      const answers = await ask(questions)
      if (answers.length !== askers.length) throw new Error(`${answers.length} answers to ${askers.length} questions`)
      for (let index = 0; index < askers.length; index++) askers[index]?.resolve(answers[index] as Answer)
    } catch (error) {
      for (const { reject } of askers) reject(error)
    } finally {
      open -= askers.length
    }
  }

  /** Ends the turn, where the end of the loop or the last that fits comes first. */
  function end(ending: Turn<Question, Answer>): void {
    if (turn !== ending) return
    turn = undefined
    void settle(ending)
  }

  function begin(): Turn<Question, Answer> {
    const begun: Turn<Question, Answer> = { questions: [], askers: [] }
    setImmediate(end, begun)
    return begun
  }

  return (question) =>
    new Promise((resolve, reject) => {
      if (open >= MOST_IN_FLIGHT) {
        reject(tooSlow())
        return
      }
      open++
      turn ??= begin()
      turn.questions.push(question)
      turn.askers.push({ resolve, reject })
      if (turn.askers.length >= MOST_TOGETHER) end(turn)
    })
}
