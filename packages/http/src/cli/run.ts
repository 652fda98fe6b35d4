import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Command as CommandType } from 'commander'
import { settingsHelp } from '../config/configuration-reference.ts'
import type { DoctorOptions } from '../doctor/doctor.ts'
import { messageOf, StartRefused } from '../start-refused.ts'
import { group } from './command-groups.ts'
import type { HashSecretOptions } from './hash-secret.ts'
import type { Io } from './io.ts'
import type { MigrateOptions } from './migrate.ts'
import { printable } from './print.ts'
import type { SweepOptions } from './sweep.ts'
import { WrongCall } from './wrong-call.ts'

const { Command, CommanderError } = createRequire(import.meta.url)('commander') as typeof import('commander')

/** A refusal: what was asked for is understood, and cannot be done. */
const REFUSED = 1
/** A wrong call: what was asked for is not understood. */
const WRONG_CALL = 2

/** Commands with commands below them, and how they get those. */
const GROUPS = [
  {
    name: 'client',
    description: 'look after the clients: who may ask for tokens',
    commands: async () => (await import('../client-commands/client-commands.ts')).withClientCommands,
  },
  {
    name: 'resource',
    description: 'look after the resources: the APIs that tokens may be meant for',
    commands: async () => (await import('../resource-commands/resource-commands.ts')).withResourceCommands,
  },
  {
    name: 'key',
    description: 'look after the keys that sign JWTs',
    commands: async () => (await import('../key-commands/key-commands.ts')).withKeyCommands,
  },
] as const

/**
 * Runs a command, and loads what that command needs and no other. Every problem is one line on the error output.
 *
 * @returns the exit code: 0, 1 for a refusal, 2 for a wrong call. Never rejects.
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  let exitCode = 0
  const program = new Command('latchkey')
    .description('An OAuth 2.0 authorization server for machines')
    .version(version(), '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .helpCommand(false)
    .showHelpAfterError('(latchkey --help lists the commands)')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })

  program
    .command('serve')
    .description('run the server until it is told to stop')
    .option('--demo', 'register a client for trying it out, unless a clients file or a profile is set')
    .helpOption('--help', 'print this help')
    .allowExcessArguments(false)
    .addHelpText('after', settingsHelp)
    .action(async ({ demo = false }: { readonly demo?: boolean }) => {
      const { serve } = await import('./serve.ts')
      exitCode = await serve({ demo }, io)
    })

  for (const { name, description, commands } of GROUPS) {
    const below = group(program, name, description)
    // Where its name is nowhere, nobody can ask for anything below it.
    if (argv.includes(name)) (await commands())(below, io)
  }

  commandWithJson(program, 'hash-secret')
    .description('read a secret from the standard input and print the client_secret_hash for a clients file')
    .action(async (options: HashSecretOptions) => (await import('./hash-secret.ts')).hashSecretCommand(options, io))

  commandWithJson(program, 'migrate')
    .description('bring the storage to the form that this version needs')
    .option('--pending', 'list the steps that are yet to be taken, and take none')
    .option('--dry-run', 'the same')
    .action(async (options: MigrateOptions) => (await import('./migrate.ts')).migrateCommand(options, io))

  commandWithJson(program, 'sweep')
    .description('forget what has expired; a service that runs does so by itself')
    .action(async (options: SweepOptions) => (await import('./sweep.ts')).sweepCommand(options, io))

  commandWithJson(program, 'doctor')
    .description('look at the settings and at every storage, and say what to do')
    .action(async (options: DoctorOptions) => {
      const { doctorCommand } = await import('../doctor/doctor.ts')
      exitCode = (await doctorCommand(options, io)) ? 0 : REFUSED
    })

  try {
    await program.parseAsync(argv, { from: 'user' })
    return exitCode
  } catch (error) {
    // Commander has written its own message; its code for a good end, such as that of --help, is 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_CALL
    for (const problem of problemsOf(error)) io.stderr.write(`latchkey: ${printable(problem)}\n`)
    return error instanceof WrongCall ? WRONG_CALL : REFUSED
  }
}

const commandWithJson = (program: CommandType, name: string): CommandType =>
  program
    .command(name)
    .helpOption('--help', 'print this help')
    .allowExcessArguments(false)
    .option('--json', 'print JSON')

const problemsOf = (error: unknown): readonly string[] =>
  error instanceof StartRefused || error instanceof WrongCall
    ? error.problems
    : [messageOf(error).replaceAll(/\s*\n\s*/g, ' ')]

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly version: string
  }
  return version
}
