import {
  type Client,
  type Credential,
  defineClient,
  type EpochSeconds,
  removeCompromisedCredential,
  systemClock,
} from '@latchkey/core'
import { CommandRefused } from '../cli/command-refused.ts'
import type { Io } from '../cli/io.ts'
import { note, printJson, printLine } from '../cli/print.ts'
import { shownTime } from '../cli/times.ts'
import { printSecret, secretDocument } from './add-client.ts'
import { changeClient, clientOf } from './change-client.ts'
import { credentialDocuments, isChosen, stateOf } from './client-document.ts'
import { type CredentialOptions, newCredential } from './new-credential.ts'
import { checkCredentialUnderProfile } from './under-profile.ts'
import { withClients } from './with-clients.ts'

/** What `latchkey client credential add` may be told. */
export interface AddCredentialOptions extends CredentialOptions {
  readonly overlap?: number
  readonly json?: boolean
}

/**
 * `latchkey client credential add`: gives a client another credential, and prints a new secret, the only time that it is seen. The
 * others go on working, for as long as `--overlap` says.
 *
 * @throws WrongCall when what is said of the credential cannot be.
 * @throws CommandRefused when there is no such client.
 */
export async function addCredentialCommand(id: string, options: AddCredentialOptions, io: Io): Promise<void> {
  const { overlap, json } = options
  await withClients(io, async ({ clients }) => {
    const present = await clientOf(clients, id)
    const made = await newCredential(present, options, io)
    checkCredentialUnderProfile(io, made.credential, present)
    const now = systemClock.now()
    const until = overlap === undefined ? undefined : Math.max(now, made.credential.notBefore ?? 0) + overlap
    const client = await changeClient(clients, id, (before) =>
      defineClient({
        ...before,
        credentials: [...before.credentials.map(ending(until)), following(before, made.credential, now)],
      }),
    )
    if (json === true)
      printJson(io, {
        client_id: id,
        ...secretDocument(id, made),
        credential_id: made.credential.id,
        credentials: credentialDocuments(client, now),
      })
    else {
      const fields = [
        ['client_id', id],
        ['credential_id', made.credential.id],
      ] as const
      printSecret(io, fields, made)
      if (until !== undefined) note(io, `The others count until ${shownTime(until)} at the latest.`)
    }
  })
}

/** Of two chosen secrets never both count, so that the later one begins now at the earliest: what has expired is past. */
const following = ({ credentials }: Client, added: Credential, now: EpochSeconds): Credential =>
  added.notBefore === undefined && isChosen(added) && credentials.some(isChosen) ? { ...added, notBefore: now } : added

/** Lets a credential end at a time, unless it ends before. */
const ending =
  (until: EpochSeconds | undefined) =>
  (credential: Credential): Credential =>
    until === undefined || (credential.expiresAt ?? Number.POSITIVE_INFINITY) <= until
      ? credential
      : { ...credential, expiresAt: until }

/** What `latchkey client credential remove` may be told. */
export interface RemoveCredentialOptions {
  readonly revokeTokens?: boolean
  readonly json?: boolean
}

/**
 * `latchkey client credential remove`: the client authenticates by it no more. With `--revoke-tokens` nobody else who
 * may know it has a token of the client's either, and no node that has not heard of it yet hands out one that lasts.
 *
 * @throws CommandRefused when there is no such client, or it has no such credential.
 */
export async function removeCredentialCommand(
  id: string,
  credentialId: string,
  { revokeTokens, json }: RemoveCredentialOptions,
  io: Io,
): Promise<void> {
  await withClients(io, async ({ clients, clientCacheSeconds }) => {
    const none = (): never => {
      const shown = JSON.stringify(credentialId.slice(0, 64))
      throw new CommandRefused(`${id} has no credential ${shown}; latchkey client credential list ${id} shows them`)
    }
    let tokensAgainAt: EpochSeconds | undefined
    if (revokeTokens === true) {
      await clientOf(clients, id)
      tokensAgainAt = (await removeCompromisedCredential({ clients }, id, credentialId, clientCacheSeconds)) ?? none()
    } else
      await changeClient(clients, id, (before) => {
        const credentials = before.credentials.filter((credential) => credential.id !== credentialId)
        return credentials.length === before.credentials.length ? none() : { ...before, credentials }
      })

    const client = await clientOf(clients, id)
    const now = systemClock.now()
    if (json === true)
      printJson(io, {
        client_id: id,
        credential_id: credentialId,
        removed: true,
        credentials: credentialDocuments(client, now),
        tokens_valid_from: client.tokensValidFrom,
      })
    else {
      printLine(io, `${credentialId} of ${id} is removed${revokeTokens === true ? ', and every token is revoked' : ''}`)
      if (tokensAgainAt !== undefined)
        note(io, `It gets tokens again from ${shownTime(tokensAgainAt)}, when no node knows the credential any more.`)
    }
    if (!client.credentials.some((credential) => stateOf(credential, now) === 'live'))
      note(io, `${id} has no live credential left; latchkey client credential add ${id} gives it one.`)
  })
}
