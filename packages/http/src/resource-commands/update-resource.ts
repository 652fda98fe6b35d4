import { defineResource, type JsonObject, type Resource } from '@latchkey/core'
import { type Command, Option } from 'commander'
import { CommandRefused } from '../cli/command-refused.ts'
import type { Io } from '../cli/io.ts'
import { unsetOption, words } from '../cli/option-values.ts'
import { printJson, printLine } from '../cli/print.ts'
import { WrongCall } from '../cli/wrong-call.ts'
import { changeResource } from './change-resource.ts'
import { noteAlgorithm } from './note-algorithm.ts'
import { readResource } from './read-resource.ts'
import { metadataOf, resourceDocument } from './resource-document.ts'
import { metadataOfOptions, type ResourceOptions } from './resource-options.ts'
import { withResources } from './with-resources.ts'

/** What `latchkey resource update` may be told. */
export interface UpdateResourceOptions extends ResourceOptions {
  readonly addScope?: readonly string[]
  readonly removeScope?: readonly string[]
  readonly unset?: readonly string[]
  readonly json?: boolean
}

/** Members that a resource need not have. */
const UNSETTABLE: readonly string[] = [
  'resource_name',
  'scopes',
  'access_token_format',
  'access_token_ttl',
  'access_token_signing_alg',
  'access_token_encryption',
  'claims',
]

/** The same in words of the domain: what is not said of these is not kept either. */
const MAY_BE_ABSENT: ReadonlySet<string> = new Set<keyof Resource>([
  'name',
  'scopes',
  'accessTokenFormat',
  'accessTokenLifetimeSeconds',
  'accessTokenSigningAlg',
  'accessTokenEncryption',
  'claims',
])

/** Gives a command the options that change a resource on top of what it is. */
export function withUpdateOptions(command: Command): Command {
  const stepwise = (flags: string, meaning: string): Option =>
    new Option(flags, meaning).argParser(words).conflicts(['scope'])
  return command
    .addOption(stepwise('--add-scope <scope>', 'a scope that means something to it beside the others'))
    .addOption(stepwise('--remove-scope <scope>', 'a scope that means nothing to it any more'))
    .addOption(unsetOption(UNSETTABLE))
}

/**
 * `latchkey resource update`: changes what is said of a resource, and nothing else of it.
 *
 * @throws WrongCall when nothing is said, or what is said cannot be.
 * @throws CommandRefused when there is no such resource, or it cannot be changed so.
 */
export async function updateResourceCommand(identifier: string, options: UpdateResourceOptions, io: Io): Promise<void> {
  const { addScope = [], removeScope = [], unset = [] } = options
  const given = metadataOfOptions(options)
  const said = [...Object.keys(given), ...(addScope.length + removeScope.length > 0 ? ['scopes'] : [])]
  const contradicted = unset.find((name) => said.includes(name))
  if (contradicted !== undefined) throw new WrongCall([`${contradicted} is both given and unset`])
  if (said.length + unset.length === 0)
    throw new WrongCall(['nothing is given that is to be changed; latchkey resource update --help lists the options'])

  await withResources(io, async (resources) => {
    const resource = await changeResource(resources, identifier, (before) => {
      const metadata: JsonObject = { ...metadataOf(before), scopes: scopesOf(before, options), ...given }
      return redefine(before, Object.fromEntries(Object.entries(metadata).filter(([name]) => !unset.includes(name))))
    })
    if (options.json === true) printJson(io, resourceDocument(resource))
    else {
      printLine(io, `${identifier} is changed`)
      if (options.signingAlg !== undefined) noteAlgorithm(io, resource)
    }
  })
}

/** What is said takes the place of what was; what cannot be said stays. */
function redefine(resource: Resource, metadata: JsonObject): Resource {
  const { version: _, ...definition } = readResource(resource.identifier, metadata)
  const kept = Object.fromEntries(Object.entries(resource).filter(([name]) => !MAY_BE_ABSENT.has(name))) as Resource
  return defineResource({ ...kept, ...definition })
}

function scopesOf({ scopes }: Resource, { addScope = [], removeScope = [] }: UpdateResourceOptions): readonly string[] {
  const stranger = removeScope.find((name) => !scopes.includes(name))
  if (stranger !== undefined)
    throw new CommandRefused(`the scope ${JSON.stringify(stranger)} does not belong to the resource`)
  return [...new Set([...scopes, ...addScope])].filter((name) => !removeScope.includes(name))
}
