import type { Command } from 'commander'

/** A command that has commands below it. */
export const group = (parent: Command, name: string, description: string): Command =>
  parent.command(name).description(description).helpCommand(false).helpOption('--help', 'print this help')

/** A command that does something, and can print JSON. */
export const leaf = (parent: Command, name: string, description: string): Command =>
  parent
    .command(name)
    .description(description)
    .helpOption('--help', 'print this help')
    .allowExcessArguments(false)
    .option('--json', 'print JSON')
