import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** The heap, and the arrays outside of it, in bytes, without what nobody holds. */
export function memoryInUse(): number {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
