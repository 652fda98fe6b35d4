import { describe, expect, it } from 'vitest'
import { configurationReference, settingsHelp } from '../../src/config/configuration-reference.ts'
import { SETTING_NAMES } from '../../src/config/settings.ts'

describe('what is told of the settings', () => {
  it('has a section for each in the reference, with its value and its default', () => {
    const sections = configurationReference().split(/^## /m).slice(1)
    expect(sections.map((section) => section.split('\n')[0])).toEqual(SETTING_NAMES.map((name) => `\`${name}\``))
    for (const section of sections) expect(section).toMatch(/\nValue: `<.+>`\. Default: .+\.\n/)
  })

  it('has each in the help, within 80 columns and without Markdown', () => {
    const help = settingsHelp()
    for (const name of SETTING_NAMES) expect(help).toMatch(new RegExp(`^  ${name}=<.+>$`, 'm'))
    expect(help.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect(help).not.toContain('`')
  })
})
