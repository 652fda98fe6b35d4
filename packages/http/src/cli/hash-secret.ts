import { hashSecret } from '@latchkey/core'
import { StartRefused } from '../start-refused.ts'
import type { Io } from './io.ts'
import { printJson } from './print.ts'
import { readSecret } from './read-secret.ts'

/** What `latchkey hash-secret` may be told. */
export interface HashSecretOptions {
  readonly json?: boolean
}

/**
 * `latchkey hash-secret`: so that no file need hold a secret in clear.
 *
 * @throws StartRefused when there is no secret, or one that no client could present.
 */
export async function hashSecretCommand({ json }: HashSecretOptions, io: Io): Promise<void> {
  const secret = await readSecret(io)
  if (secret === '') throw new StartRefused(['there is no secret on the standard input'])
  const hash = await hashSecret(secret)
  if (json === true) printJson(io, { client_secret_hash: hash })
  else io.stdout.write(`${hash}\n`)
}
