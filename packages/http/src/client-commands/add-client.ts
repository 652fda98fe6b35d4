import {
  addClient,
  type ClientAuthMethodName,
  type Credential,
  clientFromRegistration,
  defineClient,
  type JsonObject,
  systemClock,
} from '@latchkey/core'
import { CommandRefused } from '../cli/command-refused.ts'
import type { Io } from '../cli/io.ts'
import { note, printFields, printJson } from '../cli/print.ts'
import { createQuestions, isAtTerminal } from '../cli/questions.ts'
import { WrongCall } from '../cli/wrong-call.ts'
import { clientDocument } from './client-document.ts'
import { type ClientOptions, metadataOfOptions } from './client-options.ts'
import { type CredentialOptions, type NewCredential, newCredential } from './new-credential.ts'
import { readRegistration } from './read-registration.ts'
import { checkClientUnderProfile } from './under-profile.ts'
import { noteUnregistered } from './unregistered-resources.ts'
import { withClients } from './with-clients.ts'

/** What `latchkey client add` may be told. */
export interface AddClientOptions extends ClientOptions, CredentialOptions {
  readonly disabled?: boolean
  readonly json?: boolean
}

/**
 * `latchkey client add`: registers a client; prints its secret, the only time that it is seen, where it has one.
 *
 * @throws WrongCall when it is not said which client, or what is said cannot be.
 * @throws CommandRefused when the id is taken.
 */
export async function addClientCommand(given: string | undefined, options: AddClientOptions, io: Io): Promise<void> {
  const { id, scope } = given === undefined ? await askForClient(options, io) : { id: given, scope: options.scope }
  const metadata: JsonObject = {
    ...metadataOfOptions({ ...options, ...(scope !== undefined && { scope }) }),
    ...(options.disabled === true && { enabled: false }),
  }
  const registration = readRegistration(id, metadata)
  const { json } = options
  await withClients(io, async ({ clients, resources }) => {
    // Looked for before a secret is asked for and hashed; that nobody else adds it meanwhile is for the registry to see to.
    if ((await clients.find(id)) !== undefined) throw isTaken(id)
    if (json !== true && !saysWhichCredential(options)) note(io, KEYS_ARE_BETTER)
    const made = await newCredential(registration.definition, options, io)
    checkMethod(registration.definition.tokenEndpointAuthMethod, made.credential)
    const client = defineClient({ ...(await clientFromRegistration(registration)), credentials: [made.credential] })
    checkClientUnderProfile(io, client)
    if (!(await addClient({ clients }, client))) throw isTaken(id)
    if (json === true)
      printJson(io, {
        ...secretDocument(id, made),
        ...clientDocument((await clients.find(id)) ?? client, systemClock.now()),
      })
    else {
      printSecret(io, made.credential.kind === 'secret' ? [['client_id', id]] : fieldsOf(id, made), made)
      await noteUnregistered(io, resources, options.resource)
    }
  })
}

/** RFC 9700 §2.5: an asymmetric method is what is recommended. */
const KEYS_ARE_BETTER =
  'A secret can be stolen from either side. With --jwks <file> the client is known by the public half of its own key pair, and there is no secret at all.'

const saysWhichCredential = ({ secretStdin, secretHash, ...options }: AddClientOptions): boolean =>
  secretStdin === true ||
  secretHash !== undefined ||
  Object.keys(options).some((name) => /^(?:jwks|tlsClientAuth|trustedIssuer)/.test(name))

/** Which credentials each method works with. */
const KINDS: Readonly<Record<ClientAuthMethodName, readonly Credential['kind'][]>> = {
  client_secret_basic: ['secret'],
  client_secret_post: ['secret'],
  client_secret_jwt: ['secret'],
  private_key_jwt: ['jwks', 'jwks_uri', 'trusted_issuer'],
  tls_client_auth: ['tls_client_auth'],
  self_signed_tls_client_auth: ['jwks', 'jwks_uri'],
}

function checkMethod(method: ClientAuthMethodName | undefined, { kind }: Credential): void {
  if (method !== undefined && !KINDS[method].includes(kind))
    throw new WrongCall([`--auth-method ${method} works with ${KINDS[method].join(' or ')}, and this would be ${kind}`])
}

/** RFC 7591 §3.2.1: a secret comes with the time at which it expires, 0 for never. */
export const secretDocument = (clientId: string, { secret, credential }: NewCredential): JsonObject => ({
  client_id: clientId,
  ...(secret !== undefined && { client_secret: secret }),
  ...(credential.kind === 'secret' && { client_secret_expires_at: credential.expiresAt ?? 0 }),
})

const fieldsOf = (id: string, { credential }: NewCredential): readonly (readonly [string, string])[] => [
  ['client_id', id],
  ['credential_id', credential.id],
]

/** Prints a new secret for people. What is to be known about it is told apart. */
export function printSecret(
  io: Io,
  fields: readonly (readonly [string, string])[],
  { secret, credential }: NewCredential,
): void {
  printFields(io, secret === undefined ? fields : [...fields, ['client_secret', secret]])
  if (secret === undefined) return
  note(
    io,
    credential.kind === 'secret' && credential.sealed !== undefined
      ? 'The secret is shown this once. The client signs with it, so it is kept, encrypted under LATCHKEY_MASTER_KEY.'
      : 'The secret is shown this once: only its hash is kept.',
  )
}

async function askForClient(options: AddClientOptions, io: Io) {
  if (!isAtTerminal(io) || options.json === true || options.secretStdin === true)
    throw new WrongCall([
      '<id> is missing, and there is nobody to ask for it: latchkey client add <id> --scope <scope>',
    ])
  const questions = createQuestions(io)
  try {
    const id = await questions.ask('Client id: ')
    if (id === '') throw new WrongCall(['a client needs an id'])
    if (options.scope !== undefined) return { id, scope: options.scope }
    const scopes = await questions.ask('Scopes, with spaces between them: ')
    return { id, scope: scopes.split(' ').filter(Boolean) }
  } finally {
    questions.close()
  }
}

const isTaken = (id: string): CommandRefused =>
  new CommandRefused(
    `there is a client ${JSON.stringify(id)} already; latchkey client update changes it, latchkey client credential add gives it another secret`,
  )
