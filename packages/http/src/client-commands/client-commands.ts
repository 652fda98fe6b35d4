import type { Command } from 'commander'
import { group, leaf } from '../cli/command-groups.ts'
import type { Io } from '../cli/io.ts'
import { parseDuration } from '../cli/times.ts'
import { type AddClientOptions, addClientCommand } from './add-client.ts'
import {
  type AddCredentialOptions,
  addCredentialCommand,
  type RemoveCredentialOptions,
  removeCredentialCommand,
} from './change-credentials.ts'
import { withClientOptions } from './client-options.ts'
import { type LookOptions, listClientsCommand, listCredentialsCommand, showClientCommand } from './look-at-clients.ts'
import { withCredentialOptions } from './new-credential.ts'
import {
  type RemoveClientOptions,
  removeClientCommand,
  revokeTokensCommand,
  type SwitchOptions,
  switchClientCommand,
} from './switch-client.ts'
import { type UpdateClientOptions, updateClientCommand, withUpdateOptions } from './update-client.ts'

/** Gives `latchkey client` its commands. */
export function withClientCommands(client: Command, io: Io): void {
  withCredentialOptions(
    withClientOptions(leaf(client, 'add [id]', 'register a client, and print its secret if it has one')),
  )
    .option('--disabled', 'it gets no tokens until latchkey client enable')
    .action((id: string | undefined, options: AddClientOptions) => addClientCommand(id, options, io))

  leaf(client, 'list', 'list the clients').action((options: LookOptions) => listClientsCommand(options, io))

  leaf(client, 'show <id>', 'tell all that is known of a client').action((id: string, options: LookOptions) =>
    showClientCommand(id, options, io),
  )

  withUpdateOptions(withClientOptions(leaf(client, 'update <id>', 'change what is said of a client'))).action(
    (id: string, options: UpdateClientOptions) => updateClientCommand(id, options, io),
  )

  leaf(client, 'remove <id>', 'forget a client; its tokens are inactive')
    .option('--yes', 'do not ask')
    .action((id: string, options: RemoveClientOptions) => removeClientCommand(id, options, io))

  leaf(client, 'enable <id>', 'let a client get tokens again').action((id: string, options: SwitchOptions) =>
    switchClientCommand(id, true, options, io),
  )

  leaf(client, 'disable <id>', 'give a client no tokens; those that it has are inactive').action(
    (id: string, options: SwitchOptions) => switchClientCommand(id, false, options, io),
  )

  leaf(client, 'revoke-tokens <id>', 'make every token that a client has inactive').action(
    (id: string, options: SwitchOptions) => revokeTokensCommand(id, options, io),
  )

  withCredentialCommands(client, io)
}

function withCredentialCommands(client: Command, io: Io): void {
  const credential = group(
    client,
    'credential',
    'look after the credentials of a client: rotate its secret or its keys',
  )

  withCredentialOptions(
    leaf(credential, 'add <id>', 'give a client another credential, and print it if it is a secret'),
  )
    .option('--overlap <span>', 'how long the others count beside it, such as 7d; without it they go on', parseDuration)
    .action((id: string, options: AddCredentialOptions) => addCredentialCommand(id, options, io))

  leaf(credential, 'list <id>', 'list the credentials of a client, with the last use of each').action(
    (id: string, options: LookOptions) => listCredentialsCommand(id, options, io),
  )

  leaf(credential, 'remove <id> <credential>', 'let a client authenticate by a credential no more')
    .option('--revoke-tokens', 'somebody else may know it: make every token of the client inactive too')
    .action((id: string, credentialId: string, options: RemoveCredentialOptions) =>
      removeCredentialCommand(id, credentialId, options, io),
    )
}
