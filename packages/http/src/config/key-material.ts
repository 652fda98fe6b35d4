import { cannotRead, type ReadFile } from './environment.ts'
import type { SettingName } from './settings.ts'

/** What stands in a file that a setting names, or in the setting itself where it is PEM or JSON already. */
export function contentOf(
  name: SettingName,
  value: string,
  readFile: ReadFile,
  complain: (problem: string) => void,
): string | undefined {
  // Words before the PEM are usual. Taken for a path, all of it would be told to be no such file, a private key included.
  if (/-----BEGIN |^\s*\{/.test(value)) return value
  try {
    return readFile(value)
  } catch (error) {
    complain(`${name}: ${cannotRead(value, error)}`)
    return undefined
  }
}
