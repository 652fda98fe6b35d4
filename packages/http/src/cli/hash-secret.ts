import { hashSecret } from '@latchkey/core'
import { StartRefused } from '../start-refused.ts'
import type { Io } from './io.ts'
import { readSecret } from './read-secret.ts'

/**
 * `latchkey hash-secret`: so that no file need hold a secret in clear.
 *
 * @throws StartRefused when there is no secret, or one that no client could present.
 */
export async function hashSecretCommand(io: Io): Promise<void> {
  const secret = await readSecret(io)
  if (secret === '') throw new StartRefused(['there is no secret on the standard input'])
  io.stdout.write(`${await hashSecret(secret)}\n`)
}
