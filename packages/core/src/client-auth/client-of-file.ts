import { scryptMatches } from '../crypto.ts'
import { type Client, defineClient } from '../domain/client.ts'
import { type Credential, isHumanChosen, type SecretCredential } from '../domain/credential.ts'
import type { SecretSeal } from '../ports/secret-seal.ts'
import type { RegisteredClient } from '../protocol/client-metadata.ts'
import { credentialOf, type RegisteredSecret } from '../protocol/registered-secret.ts'
import { randomBase62 } from '../random-text.ts'
import { hashSecret } from './hash-secret.ts'
import { withSealedSecret } from './with-sealed-secret.ts'

/** Brings a client to the words of a file. What it finds out about secrets is remembered, so that asking again is cheap. */
export interface ClientOfFile {
  readonly id: string
  /**
   * What the client shall be: the members that the file names and the credentials that it made are as the file says, all
   * else is as it was. A secret that still matches keeps its hash; one that was changed takes the place of the one before.
   *
   * @param existing the client as it is; `undefined` where there is none yet.
   * @throws TypeError that names the client and what is wrong with it.
   */
  basedOn(existing: Client | undefined): Promise<Client>
}

/** How many characters make an id that was never used, where the one by its place in the file was. */
const FRESH_ID_LENGTH = 8

/** A client as a file has it, which may be there already in one form or another. */
export function clientOfFile({ definition, secrets, credentials }: RegisteredClient, seal?: SecretSeal): ClientOfFile {
  const hashOf = memo((value: string) => hashSecret(value))
  const matches = memo((hash: string, value: string) => scryptMatches(value, hash))

  async function belongs(secret: RegisteredSecret, credential: SecretCredential): Promise<boolean> {
    const { hash } = credential
    if (secret.value === undefined) return hash === secret.hash
    if (isHumanChosen(credential)) return isHumanChosenSecret(secret) && matches(hash, secret.value)
    return !isHumanChosenSecret(secret) && hash === (await hashOf(secret.value))
  }

  /** The credential that holds the secret already. The file's own come first: one of an operator's is adopted only if it must. */
  async function findHolder(
    secret: RegisteredSecret,
    candidates: readonly Credential[],
  ): Promise<SecretCredential | undefined> {
    const held = candidates.filter((credential) => credential.kind === 'secret')
    const ownFirst = [...held.filter(isOfFile), ...held.filter((credential) => !isOfFile(credential))]
    for (const credential of ownFirst) if (await belongs(secret, credential)) return credential
    return undefined
  }

  return {
    id: definition.id,
    async basedOn(existing) {
      const before = existing?.credentials ?? []
      // The file need not name the method that the client was registered for.
      const owner = { ...existing, ...definition }
      const held = new Map<Credential, Credential>()
      const added: Credential[] = []
      for (const [index, secret] of secrets.entries()) {
        const free = before.filter((credential) => !held.has(credential))
        const holder = await findHolder(secret, free)
        const hash = holder?.hash ?? (secret.value === undefined ? secret.hash : await hashOf(secret.value))
        const read = credentialOf(secret, index, hash)
        const named: SecretCredential = holder
          ? { ...read, id: secret.id ?? holder.id, origin: 'file' }
          : withFreshId(read, secret, before)
        const credential = await withSealedSecret(named, secret.value, owner, seal, holder)
        if (holder) held.set(holder, credential)
        else added.push(credential)
      }
      for (const credential of credentials) {
        const ofFile: Credential = { ...credential, origin: 'file' }
        // The file has one of each such kind at most: it takes the place of what the file said before.
        const holder = before.find((other) => isOfFile(other) && other.kind === credential.kind)
        if (holder !== undefined) held.set(holder, { ...ofFile, id: holder.id })
        else if (before.some(({ id }) => id === credential.id)) added.push({ ...ofFile, id: freshId(credential.id) })
        else added.push(ofFile)
      }
      const kept = before.flatMap((credential) => held.get(credential) ?? (isOfFile(credential) ? [] : credential))
      return defineClient({ ...existing, ...definition, credentials: [...kept, ...added] })
    },
  }
}

const isOfFile = ({ origin }: Credential): boolean => origin === 'file'

const isHumanChosenSecret = (secret: RegisteredSecret): boolean => isHumanChosen(credentialOf(secret, 0))

/** An id by its place in the file may be that of an earlier secret, which tokens and events go on naming. */
function withFreshId(
  credential: SecretCredential,
  { id }: RegisteredSecret,
  before: readonly Credential[],
): SecretCredential {
  const isTaken = id === undefined && isHumanChosen(credential) && before.some((other) => other.id === credential.id)
  return { ...credential, origin: 'file', ...(isTaken && { id: freshId(credential.id) }) }
}

const freshId = (id: string): string => `${id}-${randomBase62(FRESH_ID_LENGTH)}`

/** Remembers what was found out: each derivation takes a quarter of a second. */
function memo<Args extends readonly string[], Answer>(
  find: (...args: Args) => Promise<Answer>,
): (...args: Args) => Promise<Answer> {
  const answers = new Map<string, Promise<Answer>>()
  return (...args) => {
    const key = JSON.stringify(args)
    const known = answers.get(key) ?? find(...args)
    answers.set(key, known)
    return known
  }
}
