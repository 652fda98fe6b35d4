import type { Profile } from '@latchkey/core'
import { type Environment, type ReadFile, settingsIn } from '../config/environment.ts'
import { parseSettings } from '../config/parse-settings.ts'
import { StartRefused } from '../start-refused.ts'

/**
 * Reads which profile the service is held to, for commands that register clients.
 *
 * @throws StartRefused with every problem at once.
 */
export function readProfile(environment: Environment, readFile: ReadFile): Profile | undefined {
  const problems: string[] = []
  const complain = (problem: string): void => void problems.push(problem)
  const given = parseSettings(settingsIn(environment, readFile, complain, ['LATCHKEY_PROFILE']), complain)
  if (problems.length > 0) throw new StartRefused(problems)
  return given.LATCHKEY_PROFILE
}
