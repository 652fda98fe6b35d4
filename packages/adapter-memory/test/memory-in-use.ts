import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** The heap, and the arrays outside of it, in bytes, without what nobody holds. */
export function memoryInUse(): number {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  // Twice: what the first one lets go of may hold other things.
  collectGarbage()
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
