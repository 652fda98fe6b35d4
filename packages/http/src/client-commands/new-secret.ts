import { type Credential, clientFromRegistration, generateSecret, hashSecret, systemClock } from '@latchkey/core'
import { type Command, Option } from 'commander'
import { CommandRefused } from '../cli/command-refused.ts'
import type { Io } from '../cli/io.ts'
import { readSecret } from '../cli/read-secret.ts'
import { parseDuration, parseTime } from '../cli/times.ts'
import { WrongCall } from '../cli/wrong-call.ts'
import { readRegistration } from './read-registration.ts'

/** What may be said of a new secret on the command line. */
export interface SecretOptions {
  readonly secretStdin?: boolean
  readonly secretHash?: string
  readonly label?: string
  readonly notBefore?: number
  readonly expiresAt?: number
  readonly expiresIn?: number
}

/** A credential, and its secret where it was made a moment ago: whoever brought one knows it. */
export interface NewSecret {
  readonly credential: Credential
  readonly secret: string | undefined
}

/** Gives a command the options that say what a new secret is. */
export function withSecretOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--secret-stdin', 'take the secret from the standard input, rather than make one').conflicts(
        'secretHash',
      ),
    )
    .option('--secret-hash <hash>', 'take the hash of a secret, as latchkey hash-secret prints it')
    .option('--label <text>', 'your words for the secret')
    .option('--not-before <time>', 'from when on the secret counts: a date, or seconds since 1970', parseTime)
    .addOption(
      new Option('--expires-at <time>', 'until when the secret counts: a date, or seconds since 1970')
        .argParser(parseTime)
        .conflicts('expiresIn'),
    )
    .option('--expires-in <span>', 'how long from now on the secret counts, such as 90d', parseDuration)
}

/**
 * Makes a credential: of a secret that is generated, unless one is brought.
 *
 * @throws WrongCall when what is said of it cannot be.
 * @throws CommandRefused when there is no secret on the standard input.
 */
export async function newSecret(clientId: string, options: SecretOptions, io: Io): Promise<NewSecret> {
  const now = systemClock.now()
  const { label, notBefore, expiresIn } = options
  const expiresAt = expiresIn === undefined ? options.expiresAt : now + expiresIn
  if (expiresAt !== undefined && expiresAt <= Math.max(now, notBefore ?? 0))
    throw new WrongCall(['the secret would never count: it expires before it does'])

  const made = options.secretStdin === true || options.secretHash !== undefined ? undefined : generateSecret()
  const hash = made?.hash ?? options.secretHash ?? (await hashSecret(await givenSecret(io)))
  const registration = readRegistration(clientId, {
    client_secrets: [
      {
        hash,
        // The hash of a generated secret names its credential; another gets a name that was never used before.
        ...(!hash.startsWith('$sha256$') && { id: generateSecret().credentialId }),
        ...(label !== undefined && { label }),
        ...(notBefore !== undefined && { not_before: notBefore }),
        ...(expiresAt !== undefined && { expires_at: expiresAt }),
      },
    ],
  })
  const { credentials } = await clientFromRegistration(registration)
  return { credential: credentials[0] as Credential, secret: made?.secret }
}

async function givenSecret(io: Io): Promise<string> {
  const secret = await readSecret(io)
  if (secret === '') throw new CommandRefused('there is no secret on the standard input')
  return secret
}
