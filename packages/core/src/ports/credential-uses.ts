import type { CredentialUse } from '../domain/credential-use.ts'

/**
 * When each credential was last used. Apart from the client: recording it never makes a new version of one. The client
 * need not be known, since a batch may come after it has gone. What was recorded and what is handed out do not change
 * with the caller's object.
 */
export interface CredentialUses {
  /**
   * Remembers a batch. Of two times for one credential the later one stays, in whatever order they come.
   *
   * @throws when the backend is away. Losing a batch loses no request.
   */
  record(uses: readonly CredentialUse[]): Promise<void>
  /**
   * The last use of each credential of a client, at most one for each; empty when none is known, whatever the id holds.
   *
   * @throws when the backend is away.
   */
  of(clientId: string): Promise<readonly CredentialUse[]>
}
