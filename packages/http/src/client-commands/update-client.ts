import { type Client, defineClient, type JsonObject, systemClock } from '@latchkey/core'
import { type Command, Option } from 'commander'
import { CommandRefused } from '../cli/command-refused.ts'
import type { Io } from '../cli/io.ts'
import { unsetOption, words } from '../cli/option-values.ts'
import { note, printJson, printLine } from '../cli/print.ts'
import { WrongCall } from '../cli/wrong-call.ts'
import { changeClient } from './change-client.ts'
import { clientDocument, metadataOf } from './client-document.ts'
import { type ClientOptions, metadataOfOptions } from './client-options.ts'
import { readRegistration } from './read-registration.ts'
import { sealOfSettings, signsWithSecret } from './signing-secret.ts'
import { checkClientUnderProfile } from './under-profile.ts'
import { noteUnregistered } from './unregistered-resources.ts'
import { withClients } from './with-clients.ts'

/** What `latchkey client update` may be told. */
export interface UpdateClientOptions extends ClientOptions {
  readonly addScope?: readonly string[]
  readonly disableScope?: readonly string[]
  readonly removeScope?: readonly string[]
  readonly unset?: readonly string[]
  readonly json?: boolean
}

/** Members that a client need not have. */
const UNSETTABLE: readonly string[] = [
  'client_name',
  'default_scopes',
  'access_token_ttl',
  'access_token_format',
  'claims',
  'token_endpoint_auth_method',
  'token_endpoint_auth_signing_alg',
  'legacy_assertion_audience',
  'resource_server_for',
  'resources',
  'dpop_bound_access_tokens',
  'dpop_nonce_required',
  'tls_client_certificate_bound_access_tokens',
]

/** The same in words of the domain: what is not said of these is not kept either. */
const MAY_BE_ABSENT: ReadonlySet<string> = new Set<keyof Client>([
  'name',
  'defaultScopes',
  'accessTokenLifetimeSeconds',
  'accessTokenFormat',
  'claims',
  'tokenEndpointAuthMethod',
  'tokenEndpointAuthSigningAlg',
  'legacyAssertionAudience',
  'resourceServerFor',
  'resources',
  'dpopBoundAccessTokens',
  'dpopNonceRequired',
  'tlsClientCertificateBoundAccessTokens',
])

/** Gives a command the options that change a client on top of what it is. */
export function withUpdateOptions(command: Command): Command {
  const stepwise = (flags: string, meaning: string): Option =>
    new Option(flags, meaning).argParser(words).conflicts(['scope', 'disabledScope'])
  return command
    .addOption(stepwise('--add-scope <scope>', 'a scope to hold beside the others, or to switch on again'))
    .addOption(stepwise('--disable-scope <scope>', 'a scope to hold and not to use any more'))
    .addOption(stepwise('--remove-scope <scope>', 'a scope to hold no more'))
    .addOption(unsetOption(UNSETTABLE))
}

/**
 * `latchkey client update`: changes what is said of a client, and nothing else of it.
 *
 * @throws WrongCall when nothing is said, or what is said cannot be.
 * @throws CommandRefused when there is no such client, or it cannot be changed so.
 */
export async function updateClientCommand(id: string, options: UpdateClientOptions, io: Io): Promise<void> {
  const { addScope = [], disableScope = [], removeScope = [], unset = [] } = options
  const given = metadataOfOptions(options)
  const contradicted = unset.find((name) => name in given)
  if (contradicted !== undefined) throw new WrongCall([`${contradicted} is both given and unset`])
  if (Object.keys(given).length + [...addScope, ...disableScope, ...removeScope, ...unset].length === 0)
    throw new WrongCall(['nothing is given that is to be changed; latchkey client update --help lists the options'])

  // Refused here, since without it no secret could be added either.
  if (options.authMethod === 'client_secret_jwt') sealOfSettings(id, io)
  await withClients(io, async ({ clients, resources }) => {
    const client = await changeClient(clients, id, (before) => {
      const metadata: JsonObject = { ...metadataOf(before), scopes: scopesOf(before, options), ...given }
      const kept = Object.entries(metadata).filter(([name]) => !unset.includes(name))
      const after = redefine(before, Object.fromEntries(kept))
      checkClientUnderProfile(io, after, before)
      return after
    })
    if (options.json === true) printJson(io, clientDocument(client, systemClock.now()))
    else {
      printLine(io, `${id} is changed`)
      noteUnsigned(io, client)
      await noteUnregistered(io, resources, options.resource)
    }
  })
}

/** Of a secret that was shown before, only the hash is there. */
function noteUnsigned(io: Io, client: Client): void {
  const canSign = client.credentials.some(
    (credential) => credential.kind === 'secret' && credential.sealed !== undefined,
  )
  if (signsWithSecret(client) && !canSign)
    note(
      io,
      `${client.id} has no secret that it could sign with, since only hashes are kept of those that it has: latchkey client credential add ${client.id} makes one.`,
    )
}

/** What is said takes the place of what was; what cannot be said, such as the credentials, stays. */
function redefine(client: Client, metadata: JsonObject): Client {
  const { definition } = readRegistration(client.id, metadata)
  const kept = Object.fromEntries(Object.entries(client).filter(([name]) => !MAY_BE_ABSENT.has(name))) as typeof client
  return defineClient({ ...kept, ...definition })
}

function scopesOf({ scopes }: Client, options: UpdateClientOptions): Readonly<Record<string, boolean>> {
  const held = new Map(scopes.map(({ name, enabled }) => [name, enabled]))
  for (const name of [...(options.disableScope ?? []), ...(options.removeScope ?? [])])
    if (!held.has(name)) throw new CommandRefused(`the client does not hold the scope ${JSON.stringify(name)}`)
  for (const name of options.addScope ?? []) held.set(name, true)
  for (const name of options.disableScope ?? []) held.set(name, false)
  for (const name of options.removeScope ?? []) held.delete(name)
  return Object.fromEntries(held)
}
