import type { Command } from 'commander'
import { leaf } from '../cli/command-groups.ts'
import type { Io } from '../cli/io.ts'
import { type RetireKeyOptions, type RotateKeyOptions, retireKeyCommand, rotateKeysCommand } from './change-keys.ts'
import { type KeyOptions, listKeysCommand } from './look-at-keys.ts'

/** Gives `latchkey key` its commands. */
export function withKeyCommands(key: Command, io: Io): void {
  leaf(key, 'list', 'list the signing keys, in the order in which they sign').action((options: KeyOptions) =>
    listKeysCommand(options, io),
  )

  leaf(key, 'rotate', 'announce the next key now; it signs once no cache can be without it')
    .option('--alg <algorithm>', 'the next one of this algorithm, where there are several')
    .action((options: RotateKeyOptions) => rotateKeysCommand(options, io))

  leaf(key, 'retire <kid>', 'let a key sign no longer than until the next one may')
    .option('--now', 'somebody else may know it: remove it at once, with all that it has signed')
    .option('--yes', 'do not ask')
    .action((kid: string, options: RetireKeyOptions) => retireKeyCommand(kid, options, io))
}
