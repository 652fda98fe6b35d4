import { SETTING_NAMES, SETTINGS } from './settings.ts'

/** The settings as a page of documentation, in Markdown. */
export function configurationReference(): string {
  const sections = SETTING_NAMES.map((name) => {
    const { value, fallback, meaning } = SETTINGS[name]
    return `## \`${name}\`\n\n${meaning}\n\nValue: \`${value}\`. Default: ${fallback}.\n`
  })
  return `${INTRODUCTION}\n${sections.join('\n')}`
}

const INTRODUCTION = `# Configuration

\`latchkey serve\` is set up by environment variables. Each may be given as a file instead: \`LATCHKEY_X_FILE\` names a file
whose content, without one line break at its end, is the value of \`LATCHKEY_X\`; to set both is an error. A variable that is
empty is not set. A variable whose name begins with \`LATCHKEY_\` and which is not listed here is an error. All problems are
reported together, one on a line, and the process ends with exit code 1.

This page is generated from the table that the program reads its settings by.
`

/** The settings as the end of a help text, for a terminal of 80 columns. */
export function settingsHelp(): string {
  const entries = SETTING_NAMES.map((name) => {
    const { value, fallback, meaning } = SETTINGS[name]
    const text = plain(`${meaning} Default: ${fallback}.`)
    return `  ${name}=${value}\n${wrapped(text, 74)
      .map((line) => `      ${line}`)
      .join('\n')}`
  })
  return `\nSettings are environment variables; each may be given as a file by <name>_FILE:\n\n${entries.join('\n')}\n`
}

const plain = (markdown: string): string => markdown.replaceAll('`', '')

function wrapped(text: string, width: number): readonly string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines
}
