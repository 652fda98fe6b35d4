/**
 * Calls that wait together become one statement of at most so many, on at most so many connections; whoever comes while
 * one is idle does not wait.
 */
export function batching(run, { connections, most }) {
  const waiting = []
  let idle = connections
  async function drain() {
    idle -= 1
    while (waiting.length > 0) {
      const batch = waiting.splice(0, most)
      try {
        const answers = await run(batch.map(({ value }) => value))
        for (const [index, { resolve }] of batch.entries()) resolve(answers[index])
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    idle += 1
  }
  return (value) =>
    new Promise((resolve, reject) => {
      waiting.push({ value, resolve, reject })
      // After whoever else calls in this turn.
      if (idle > 0) queueMicrotask(() => void (idle > 0 && waiting.length > 0 && drain()))
    })
}
