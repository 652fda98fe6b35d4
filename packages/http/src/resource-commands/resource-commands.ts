import type { Command } from 'commander'
import { leaf } from '../cli/command-groups.ts'
import type { Io } from '../cli/io.ts'
import { type AddResourceOptions, addResourceCommand } from './add-resource.ts'
import { type LookOptions, listResourcesCommand, showResourceCommand } from './look-at-resources.ts'
import { type RemoveResourceOptions, removeResourceCommand } from './remove-resource.ts'
import { withResourceOptions } from './resource-options.ts'
import { type UpdateResourceOptions, updateResourceCommand, withUpdateOptions } from './update-resource.ts'

/** Gives `latchkey resource` its commands. */
export function withResourceCommands(resource: Command, io: Io): void {
  withResourceOptions(leaf(resource, 'add <identifier>', 'register a resource by its absolute URI')).action(
    (identifier: string, options: AddResourceOptions) => addResourceCommand(identifier, options, io),
  )

  leaf(resource, 'list', 'list the resources').action((options: LookOptions) => listResourcesCommand(options, io))

  leaf(resource, 'show <identifier>', 'tell all that is known of a resource').action(
    (identifier: string, options: LookOptions) => showResourceCommand(identifier, options, io),
  )

  withUpdateOptions(
    withResourceOptions(leaf(resource, 'update <identifier>', 'change what is said of a resource')),
  ).action((identifier: string, options: UpdateResourceOptions) => updateResourceCommand(identifier, options, io))

  leaf(resource, 'remove <identifier>', 'forget a resource; no client gets another token for it')
    .option('--yes', 'do not ask')
    .action((identifier: string, options: RemoveResourceOptions) => removeResourceCommand(identifier, options, io))
}
