import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { settingsHelp } from '../config/configuration-reference.ts'
import { messageOf, StartRefused } from '../start-refused.ts'
import { hashSecretCommand } from './hash-secret.ts'
import type { Io } from './io.ts'
import { serve } from './serve.ts'

/** A refusal: what was asked for is understood, and cannot be done. */
const REFUSED = 1
/** A wrong call: what was asked for is not understood. */
const WRONG_CALL = 2

/**
 * Runs a command. Every problem is one line on the error output.
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
    .option('--demo', 'register a client for trying it out, unless a clients file is set')
    .helpOption('--help', 'print this help')
    .allowExcessArguments(false)
    .addHelpText('after', settingsHelp())
    .action(async ({ demo = false }: { readonly demo?: boolean }) => {
      exitCode = await serve({ demo }, io)
    })

  program
    .command('hash-secret')
    .description('read a secret from the standard input and print the client_secret_hash for a clients file')
    .helpOption('--help', 'print this help')
    .allowExcessArguments(false)
    .action(() => hashSecretCommand(io))

  try {
    await program.parseAsync(argv, { from: 'user' })
    return exitCode
  } catch (error) {
    // Commander has written its own message; its code for a good end, such as that of --help, is 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_CALL
    for (const problem of problemsOf(error)) io.stderr.write(`latchkey: ${problem}\n`)
    return REFUSED
  }
}

const problemsOf = (error: unknown): readonly string[] =>
  error instanceof StartRefused ? error.problems : [messageOf(error).replaceAll(/\s*\n\s*/g, ' ')]

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly version: string
  }
  return version
}
