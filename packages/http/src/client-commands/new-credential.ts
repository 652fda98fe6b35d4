import {
  type Credential,
  clientFromRegistration,
  generateSecret,
  hashSecret,
  type JsonObject,
  type JsonValue,
  systemClock,
} from '@latchkey/core'
import { type Command, Option } from 'commander'
import { CommandRefused } from '../cli/command-refused.ts'
import type { Io } from '../cli/io.ts'
import { json } from '../cli/option-values.ts'
import { readFile } from '../cli/read-file.ts'
import { readSecret } from '../cli/read-secret.ts'
import { parseDuration, parseTime } from '../cli/times.ts'
import { WrongCall } from '../cli/wrong-call.ts'
import { readAllowedAddresses } from '../config/read-config.ts'
import { reachableAddresses } from '../remote/reachable-addresses.ts'
import { problemsOfAddresses } from '../remote/registered-addresses.ts'
import { readKeys } from './read-keys.ts'
import { readRegistration } from './read-registration.ts'
import { type SecretHolder, sealOfSettings, signingMetadataOf, signsWithSecret } from './signing-secret.ts'

/** What may be said of a new credential on the command line. */
export interface CredentialOptions {
  readonly secretStdin?: boolean
  readonly secretHash?: string
  readonly jwks?: string
  readonly jwksUri?: string
  readonly tlsClientAuthSubjectDn?: string
  readonly tlsClientAuthSanDns?: string
  readonly tlsClientAuthSanUri?: string
  readonly tlsClientAuthSanIp?: string
  readonly tlsClientAuthSanEmail?: string
  readonly trustedIssuer?: JsonValue
  readonly label?: string
  readonly notBefore?: number
  readonly expiresAt?: number
  readonly expiresIn?: number
}

/** A credential, and its secret where it was made a moment ago: whoever brought one knows it. */
export interface NewCredential {
  readonly credential: Credential
  readonly secret: string | undefined
}

/** Gives a command the options that say what a new credential is. */
export function withCredentialOptions(command: Command): Command {
  const key = (flags: string, meaning: string): Option => new Option(flags, meaning).conflicts(OF_SECRETS)
  return command
    .addOption(
      new Option('--secret-stdin', 'take the secret from the standard input, rather than make one').conflicts(
        'secretHash',
      ),
    )
    .option('--secret-hash <hash>', 'take the hash of a secret, as latchkey hash-secret prints it')
    .addOption(key('--jwks <file>', 'no secret: its public keys, a JWK Set or PEM, or the certificate that it signed'))
    .addOption(key('--jwks-uri <url>', 'no secret: where its public keys are published'))
    .addOption(key('--tls-client-auth-subject-dn <dn>', 'no secret: the subject of its certificate'))
    .addOption(key('--tls-client-auth-san-dns <name>', 'no secret: a DNS name in its certificate'))
    .addOption(key('--tls-client-auth-san-uri <uri>', 'no secret: a URI in its certificate'))
    .addOption(key('--tls-client-auth-san-ip <address>', 'no secret: an IP address in its certificate'))
    .addOption(key('--tls-client-auth-san-email <address>', 'no secret: an email address in its certificate'))
    .addOption(key('--trusted-issuer <json>', 'no secret: whose tokens tell who it is, a JSON object').argParser(json))
    .option('--label <text>', 'your words for the credential')
    .option('--not-before <time>', 'from when on the credential counts: a date, or seconds since 1970', parseTime)
    .addOption(
      new Option('--expires-at <time>', 'until when the credential counts: a date, or seconds since 1970')
        .argParser(parseTime)
        .conflicts('expiresIn'),
    )
    .option('--expires-in <span>', 'how long from now on the credential counts, such as 90d', parseDuration)
}

const OF_SECRETS = ['secretStdin', 'secretHash']

/** What is said of a credential that is no secret, in the words of the clients file. */
async function metadataOfKey(options: CredentialOptions, io: Io): Promise<JsonObject> {
  const { jwks, jwksUri, trustedIssuer } = options
  const given = {
    jwks: jwks === undefined ? undefined : await readKeys(jwks, io),
    jwks_uri: jwksUri,
    tls_client_auth_subject_dn: options.tlsClientAuthSubjectDn,
    tls_client_auth_san_dns: options.tlsClientAuthSanDns,
    tls_client_auth_san_uri: options.tlsClientAuthSanUri,
    tls_client_auth_san_ip: options.tlsClientAuthSanIp,
    tls_client_auth_san_email: options.tlsClientAuthSanEmail,
    trusted_issuer: trustedIssuer,
  }
  const members = Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  if (members.length > 1)
    throw new WrongCall([`${members.map(([name]) => name).join(' and ')} are given; a command adds one credential`])
  return Object.fromEntries(members)
}

/**
 * Makes a credential: of a secret that is generated, unless one is brought, or something better than a secret. A secret that
 * its client signs with is encrypted beside its hash.
 *
 * @throws WrongCall when what is said of it cannot be.
 * @throws CommandRefused when there is no secret on the standard input, or nothing to encrypt one with that signs.
 */
export async function newCredential(holder: SecretHolder, options: CredentialOptions, io: Io): Promise<NewCredential> {
  const now = systemClock.now()
  const { label, notBefore, expiresIn } = options
  const expiresAt = expiresIn === undefined ? options.expiresAt : now + expiresIn
  if (expiresAt !== undefined && expiresAt <= Math.max(now, notBefore ?? 0))
    throw new WrongCall(['the credential would never count: it expires before it does'])

  const times = {
    ...(label !== undefined && { label }),
    ...(notBefore !== undefined && { notBefore }),
    ...(expiresAt !== undefined && { expiresAt }),
  }
  const metadata = await metadataOfKey(options, io)
  if (Object.keys(metadata).length > 0) {
    const { credentials } = readRegistration(holder.id, metadata)
    const problems = problemsOfAddresses(
      credentials,
      reachableAddresses(readAllowedAddresses(io.environment, readFile)),
    )
    if (problems.length > 0) throw new WrongCall(problems)
    const [credential] = credentials
    // Never the id of a credential that was there before: events and tokens name it.
    return {
      credential: { ...(credential as Credential), id: generateSecret().credentialId, ...times },
      secret: undefined,
    }
  }
  const { credential, secret } = await newSecret(holder, options, io)
  return { credential: { ...credential, ...times }, secret }
}

async function newSecret(holder: SecretHolder, options: CredentialOptions, io: Io): Promise<NewCredential> {
  const { secretStdin, secretHash } = options
  if (signsWithSecret(holder) && secretHash !== undefined)
    throw new WrongCall(['--secret-hash: client_secret_jwt needs the secret itself, and no hash of it'])
  const seal = signsWithSecret(holder) ? sealOfSettings(holder.id, io) : undefined
  const made = secretStdin === true || secretHash !== undefined ? undefined : generateSecret()
  const value = made?.secret ?? (secretHash === undefined ? await givenSecret(io) : undefined)
  const hash = secretHash ?? made?.hash ?? (await hashSecret(value ?? ''))
  const registration = readRegistration(holder.id, {
    ...signingMetadataOf(holder),
    client_secrets: [
      {
        ...(seal !== undefined && value !== undefined ? { value } : { hash }),
        // The hash of a generated secret names its credential; another gets a name that was never used before.
        ...(!hash.startsWith('$sha256$') && { id: generateSecret().credentialId }),
      },
    ],
  })
  const { credentials } = await clientFromRegistration(registration, seal)
  return { credential: credentials[0] as Credential, secret: made?.secret }
}

async function givenSecret(io: Io): Promise<string> {
  const secret = await readSecret(io)
  if (secret === '') throw new CommandRefused('there is no secret on the standard input')
  return secret
}
