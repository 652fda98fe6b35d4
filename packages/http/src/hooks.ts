import type { ClaimsHook } from '@latchkey/core'
import { messageOf, StartRefused } from './start-refused.ts'
import { moduleAt } from './storage/module-url.ts'

/** What a module of the operator's own takes part in. */
export interface Hooks {
  readonly claims?: ClaimsHook
}

/** The names of the hooks, which a module exports. */
const HOOK_NAMES = ['claims'] as const

/**
 * Loads the module that `LATCHKEY_HOOKS` names.
 *
 * @param directory from which the module is found.
 * @throws StartRefused when it cannot be found or loaded, exports no hook, or a hook that is no function.
 */
export async function loadHooks(specifier: string | undefined, directory: string): Promise<Hooks> {
  if (specifier === undefined) return {}
  const exported = await load(specifier, directory)
  const found = HOOK_NAMES.filter((name) => exported[name] !== undefined)
  if (found.length === 0) throw refused(`${specifier} exports none of the hooks: ${HOOK_NAMES.join(', ')}`)
  for (const name of found)
    if (typeof exported[name] !== 'function') throw refused(`${specifier} exports ${name}, which is no function`)
  return exported
}

async function load(specifier: string, directory: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(moduleAt(specifier, directory))) as Record<string, unknown>
  } catch (error) {
    throw refused(messageOf(error), error)
  }
}

const refused = (problem: string, cause?: unknown): StartRefused =>
  new StartRefused([`LATCHKEY_HOOKS: ${problem}`], { cause })
