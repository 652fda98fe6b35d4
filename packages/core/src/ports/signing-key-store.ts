import type { SigningKeyRecord, SigningKeySet } from '../domain/signing-key.ts'

/**
 * Holds the signing keys of a server. Each change names the generation of the set that it was decided on, so that of
 * several nodes exactly one changes the set. What was added and what is handed out do not change with the caller's object.
 */
export interface SigningKeyStore {
  /**
   * The set as it is at one moment, with every member of each key: its generation and its keys belong together.
   *
   * @throws when the backend is away, or when a record cannot be read: broken is never "there is none".
   */
  list(): Promise<SigningKeySet>
  /**
   * Adds a key, as durably as a client is added, and counts the generation up.
   *
   * @returns false, with nothing changed, when the generation is another than expected or the `kid` is taken; of fifty
   *   additions at once to one generation exactly one wins.
   * @throws when the backend is away or full.
   */
  add(key: SigningKeyRecord, expectedGeneration: number): Promise<boolean>
  /**
   * Removes a key, and counts the generation up.
   *
   * @returns false, with nothing changed, when the generation is another than expected or there is no such key; of an
   *   addition and a removal at once exactly one wins.
   * @throws when the backend is away.
   */
  remove(kid: string, expectedGeneration: number): Promise<boolean>
}
