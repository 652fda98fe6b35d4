import { type Client, type Credential, problemsUnderFapi2 } from '@latchkey/core'
import { CommandRefused } from '../cli/command-refused.ts'
import type { Io } from '../cli/io.ts'
import { readFile } from '../cli/read-file.ts'
import { readProfile } from '../fapi2/read-profile.ts'

/**
 * Refuses what would make of a client one that the profile of the service lets in no more; what was wrong before stays, so
 * that it can be set right step by step.
 *
 * @throws CommandRefused with all that is wrong.
 */
export function checkClientUnderProfile(io: Pick<Io, 'environment'>, client: Client, before?: Client): void {
  const known = before === undefined ? [] : problemsUnderFapi2(before)
  refuse(io, () => problemsUnderFapi2(client).filter((problem) => !known.includes(problem)))
}

/** Refuses a credential by which nobody would get in. @throws CommandRefused with all that is wrong. */
export function checkCredentialUnderProfile(
  io: Pick<Io, 'environment'>,
  credential: Credential,
  { tokenEndpointAuthMethod: method }: Client,
): void {
  // Keys that stand for certificates need not be fit for signing.
  const ofCertificates = method === 'self_signed_tls_client_auth' ? { tokenEndpointAuthMethod: method } : {}
  refuse(io, () => problemsUnderFapi2({ credentials: [credential], ...ofCertificates }))
}

function refuse({ environment }: Pick<Io, 'environment'>, look: () => readonly string[]): void {
  const profile = readProfile(environment, readFile)
  if (profile === undefined) return
  const problems = look()
  if (problems.length > 0)
    throw new CommandRefused(`LATCHKEY_PROFILE is ${profile}, and nobody would get in: ${problems.join('; ')}`)
}
