import { nearestName } from '@latchkey/core'
import { messageOf } from '../start-refused.ts'
import { isSettingName, SETTING_NAMES, type SettingName } from './settings.ts'

/** The variables of an environment. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Reads a file as text. @throws when it cannot be read. */
export type ReadFile = (path: string) => string

const PREFIX = 'LATCHKEY_'
const FILE_SUFFIX = '_FILE'

/**
 * Finds the settings in an environment: each under its name, or in the file that its name with `_FILE` says. What is empty
 * is not set. Of what else begins like a setting somebody expects an effect that it does not have, so it is complained of.
 *
 * @param wanted the settings to look at; what others hold is left alone.
 */
export function settingsIn(
  environment: Environment,
  readFile: ReadFile,
  complain: (problem: string) => void,
  wanted: readonly SettingName[] = SETTING_NAMES,
): Partial<Record<SettingName, string>> {
  const texts: Partial<Record<SettingName, string>> = {}
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith(PREFIX) || value === undefined || value === '') continue
    const base = name.endsWith(FILE_SUFFIX) ? name.slice(0, -FILE_SUFFIX.length) : ''
    const setting = isSettingName(name) ? name : base
    if (!isSettingName(setting)) complain(`${name} is not a setting${suggestion(name)}`)
    else if (!wanted.includes(setting)) continue
    else if (setting === name) texts[setting] = value
    else if (environment[setting]) complain(`${setting} and ${name} are both set; one of them is enough`)
    else {
      const content = contentOf(name, value, readFile, complain)
      if (content !== undefined) texts[setting] = content
    }
  }
  return texts
}

/** The one line break that editors and shells put at the end of a file is not part of the value. */
function contentOf(
  name: string,
  path: string,
  readFile: ReadFile,
  complain: (problem: string) => void,
): string | undefined {
  try {
    const content = readFile(path).replace(/\r?\n$/, '')
    if (content !== '') return content
    complain(`${name}: the file ${path} is empty`)
  } catch (error) {
    complain(`${name}: ${cannotRead(path, error)}`)
  }
  return undefined
}

/** Why a file cannot be read, in words that hold its path and nothing of its content. */
export function cannotRead(path: string, error: unknown): string {
  const code = (error as { readonly code?: string }).code
  const why = code === undefined ? messageOf(error) : (REASONS[code] ?? code)
  return `cannot read ${path}: ${why}`
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission is denied',
  EISDIR: 'it is a directory',
}

function suggestion(name: string): string {
  // Compared without what all of them have in common: otherwise every name would be near.
  const nearest = nearestName(
    name.slice(PREFIX.length),
    SETTING_NAMES.map((known) => known.slice(PREFIX.length)),
  )
  return nearest === undefined ? '' : `; did you mean ${PREFIX}${nearest}?`
}
