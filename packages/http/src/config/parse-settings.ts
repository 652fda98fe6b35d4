import { messageOf } from '../start-refused.ts'
import { type GivenSettings, SETTING_NAMES, SETTINGS, type SettingName } from './settings.ts'

/** Reads every text for itself, and complains of each that is wrong. A wrong one counts as not given. */
export function parseSettings(
  texts: Readonly<Partial<Record<SettingName, string>>>,
  complain: (problem: string) => void,
): GivenSettings {
  const right: [SettingName, unknown][] = []
  for (const name of SETTING_NAMES) {
    const text = texts[name]
    if (text === undefined) continue
    try {
      right.push([name, SETTINGS[name].read(text)])
    } catch (error) {
      complain(`${name} ${messageOf(error)}`)
    }
  }
  return Object.fromEntries(right)
}
