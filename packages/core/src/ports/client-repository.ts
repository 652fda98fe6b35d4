import type { Client } from '../domain/client.ts'

/** Finds the clients that may ask for tokens. All that an embedding application must provide. */
export interface ClientRepository {
  /**
   * The client as it was last written, with every member. The id may hold anything: one that cannot be registered is
   * simply not found. What is handed out is the caller's: changing it changes nothing here.
   *
   * @returns `undefined` when there is none.
   * @throws when the backend is away, or when its record cannot be read: broken is never "not found".
   */
  find(id: string): Promise<Client | undefined>
}
