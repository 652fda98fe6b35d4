/** Lets a few at a time do something with a host; the others wait for their turn. */
export interface HostTurns {
  /**
   * @throws Error when the wait takes longer than it may; nothing was done then.
   */
  take<T>(host: string, call: () => Promise<T>): Promise<T>
}

/** What {@link createHostTurns} takes. */
export interface HostTurnsOptions {
  /** How many at a time. */
  readonly most: number
  /** In milliseconds. */
  readonly longestWaitMs: number
}

interface Queue {
  running: number
  readonly waiting: (() => void)[]
}

/** A slow host holds up those who ask it, and nobody else. */
export function createHostTurns({ most, longestWaitMs }: HostTurnsOptions): HostTurns {
  const hosts = new Map<string, Queue>()

  function turn(queue: Queue): Promise<void> {
    if (queue.running < most) {
      queue.running += 1
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => {
        queue.waiting.splice(queue.waiting.indexOf(begin), 1)
        reject(new Error('too much is being fetched from its host'))
      }, longestWaitMs)
      queue.waiting.push(begin)
    })
  }

  /** Hands the turn to who waits longest. */
  function end(host: string, queue: Queue): void {
    const next = queue.waiting.shift()
    if (next !== undefined) next()
    else if (--queue.running === 0) hosts.delete(host)
  }

  return {
    async take(host, call) {
      const queue = hosts.get(host) ?? { running: 0, waiting: [] }
      hosts.set(host, queue)
      await turn(queue)
      try {
        return await call()
      } finally {
        end(host, queue)
      }
    },
  }
}
