import { readFileSync } from 'node:fs'

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** The user that the README makes, as a line of an ACL file: who follows the README gets this one. */
export function documentedUser(additions: readonly string[] = []): string {
  const command = /^ACL SETUSER (?<user>[\s\S]*?)^```$/m.exec(README)?.groups?.['user']
  if (command === undefined) throw new Error('the README makes no user')
  for (const addition of additions)
    if (!README.includes(`\`${addition.replaceAll('|', '\\|')}\``)) throw new Error(`the README adds no ${addition}`)
  return `user ${command.replaceAll(/\s+/g, ' ')} ${additions.join(' ')}`.trim()
}
