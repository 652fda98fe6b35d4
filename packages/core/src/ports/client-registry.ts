import type { Client } from '../domain/client.ts'
import type { ClientRepository } from './client-repository.ts'

/** A part of the registry, in the order of ids by their UTF-16 code units. */
export interface ClientPage {
  readonly clients: readonly Client[]
  /** Where the next page begins; absent on the last one. */
  readonly next?: string
}

/** Which part of the registry to list. */
export interface ClientPageRequest {
  /** Only ids above this one: `next` of the page before. */
  readonly after?: string
  /** At most so many clients, from 1 to 1000. */
  readonly limit: number
}

/**
 * Manages clients: what a command line needs on top of finding them. Changes are atomic and seen by the next `find`.
 * What was written does not change with the caller's object.
 */
export interface ClientRegistry extends ClientRepository {
  /**
   * Adds a client.
   *
   * @returns false, with nothing changed, when the id is taken; of two additions at once exactly one wins.
   * @throws when the backend is away or full.
   */
  add(client: Client): Promise<boolean>
  /**
   * Puts `client` in the place of the one with its id, as `expectedVersion + 1`, whatever `client.version` says.
   *
   * @returns false, with nothing changed, when there is none or its version is another; of two
   * replacements at once exactly one wins.
   * @throws when the backend is away.
   */
  replace(client: Client, expectedVersion: number): Promise<boolean>
  /**
   * Removes a client.
   *
   * @returns false when there was none.
   * @throws when the backend is away.
   */
  remove(id: string): Promise<boolean>
  /**
   * Lists the clients, each once.
   *
   * @throws when the backend is away.
   */
  list(page: ClientPageRequest): Promise<ClientPage>
}
