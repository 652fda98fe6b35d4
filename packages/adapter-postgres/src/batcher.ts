/** What {@link createBatcher} takes. */
export interface BatcherDeps<Item, Answer> {
  /** What is waiting, for the message that says that it is too much. */
  readonly what: string
  /** One statement for all of them; as many answers, in their order. */
  readonly run: (items: readonly Item[]) => Promise<readonly Answer[]>
  /** How many statements may be under way at once. */
  readonly lanes?: number
  /** How many items a statement takes at most. */
  readonly largest?: number
  /** How many items may wait; more are refused at once. */
  readonly bound?: number
}

interface Waiting<Item, Answer> {
  readonly item: Item
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/** Two, so that one statement crosses the network while the other waits for the disk. */
const LANES = 2
const LARGEST = 500
const BOUND = 10_000

/**
 * Makes one statement of what waits together. Nobody waits for company: whoever finds a lane free goes at the end of this turn
 * of the event loop, with those who came in it; whoever does not goes with all the others as soon as one is.
 *
 * Each statement takes no more than its lane's share of all that are under way: where one took all of them, the other lanes
 * would stand still, and this process too until it has ended.
 *
 * A statement that fails on data is run again for each item by itself, so that it fails for the one caller whose data it
 * is. One that fails in another way fails for all of its callers, and is not repeated: nobody knows what became of it.
 */
export function createBatcher<Item, Answer>(deps: BatcherDeps<Item, Answer>): (item: Item) => Promise<Answer> {
  const { what, run, lanes = LANES, largest = LARGEST, bound = BOUND } = deps
  let waiting: Waiting<Item, Answer>[] = []
  let lanesTaken = 0
  let underWay = 0
  let isTurnEnding = false

  function start(): void {
    const share = Math.min(largest, Math.ceil((waiting.length + underWay) / lanes))
    while (lanesTaken < lanes && waiting.length > 0) {
      const batch = waiting.slice(0, share)
      waiting = waiting.slice(share)
      lanesTaken++
      underWay += batch.length
      void settle(batch).finally(() => {
        lanesTaken--
        underWay -= batch.length
        start()
      })
    }
  }

  function startAtEndOfTurn(): void {
    if (isTurnEnding || lanesTaken === lanes) return
    isTurnEnding = true
    setImmediate(() => {
      isTurnEnding = false
      start()
    })
  }

  async function settle(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await run(batch.map(({ item }) => item))
      if (answers.length !== batch.length) throw new Error(`${batch.length} ${what} got ${answers.length} answers`)
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index] as Answer)
    } catch (error) {
      if (batch.length > 1 && isDataError(error)) return settleOneByOne(batch)
      for (const { reject } of batch) reject(error)
    }
  }

  async function settleOneByOne(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    let broken: { readonly error: unknown } | undefined
    for (const { item, resolve, reject } of batch) {
      // Once the connection is gone the rest is not tried either.
      if (broken !== undefined) {
        reject(broken.error)
        continue
      }
      try {
        resolve((await run([item]))[0] as Answer)
      } catch (error) {
        reject(error)
        if (!isDataError(error)) broken = { error }
      }
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      if (waiting.length >= bound) {
        reject(new Error(`${bound} ${what} are waiting for the database already`))
        return
      }
      waiting.push({ item, resolve, reject })
      startAtEndOfTurn()
    })
}

/** Classes 22, 23 and 54 of SQLSTATE: the data was wrong, broke a constraint, or was too large. */
function isDataError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(?:22|23|54)[0-9A-Z]{3}$/.test(String(error.code))
}
