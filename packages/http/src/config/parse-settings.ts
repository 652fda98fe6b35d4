import { z } from 'zod'
import { type GivenSettings, SETTING_NAMES, SETTINGS, type SettingName } from './settings.ts'

const schema = z.object(
  Object.fromEntries(SETTING_NAMES.map((name) => [name, SETTINGS[name].schema.optional()] as const)),
)

/** Reads every text for itself, and complains of each that is wrong. A wrong one counts as not given. */
export function parseSettings(
  texts: Readonly<Partial<Record<SettingName, string>>>,
  complain: (problem: string) => void,
): GivenSettings {
  const parsed = schema.safeParse(texts)
  if (parsed.success) return parsed.data
  for (const { path, message } of parsed.error.issues) complain(`${path.join('.')} ${message}`)
  const wrong = new Set(parsed.error.issues.map(({ path }) => path[0]))
  const right = Object.entries(texts).filter(([name]) => !wrong.has(name))
  return schema.parse(Object.fromEntries(right))
}
