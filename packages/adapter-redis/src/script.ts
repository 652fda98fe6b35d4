import type { Run } from './commands.ts'
import { scriptNameOf } from './digest.ts'

/** A Lua script: one atomic step, however many commands it holds. */
export interface Script {
  readonly lua: string
  /** Runs it by its name, and brings it along where Redis does not know it yet, as after a restart. */
  run(run: Run, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown>
}

export function createScript(lua: string): Script {
  const name = scriptNameOf(lua)
  return {
    lua,
    async run(run, keys, args) {
      try {
        return await run('EVALSHA', name, keys.length, ...keys, ...args)
      } catch (error) {
        if (!(error instanceof Error && error.message.includes('NOSCRIPT'))) throw error
        return run('EVAL', lua, keys.length, ...keys, ...args)
      }
    },
  }
}
