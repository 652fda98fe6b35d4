import type { ClientChanges } from './client-changes.ts'
import type { ClientRegistry } from './client-registry.ts'
import type { CredentialUses } from './credential-uses.ts'
import type { Migrations } from './migrations.ts'
import type { ReplayGuard } from './replay-guard.ts'
import type { ResourceRegistry } from './resource-registry.ts'
import type { SigningKeyStore } from './signing-key-store.ts'
import type { StatusIndexes } from './status-indexes.ts'
import type { Sweeper } from './sweeper.ts'
import type { TokenStore } from './token-store.ts'

/** What the service asks of an adapter module: the ports that it has, and its health and end of life. */
export interface Adapter {
  readonly clients?: ClientRegistry
  readonly clientChanges?: ClientChanges
  readonly resources?: ResourceRegistry
  readonly credentialUses?: CredentialUses
  readonly keys?: SigningKeyStore
  readonly tokens?: TokenStore
  readonly replays?: ReplayGuard
  readonly statusIndexes?: StatusIndexes
  readonly sweeper?: Sweeper
  /** Absent where there is nothing to prepare. Until they are applied its other ports may fail. */
  readonly migrations?: Migrations
  /** What an operator should know before relying on it, a sentence each; the service logs them at start. */
  readonly warnings?: readonly string[]
  /** Whether what it holds is gone when this process ends; the service warns about it at start. */
  readonly forgetful?: boolean
  /** @throws what is wrong, within a second. */
  check(): Promise<void>
  /** Lets go of every connection and timer. Idempotent. */
  close(): Promise<void>
}

/**
 * Opens a backend by its address. Exported as `openAdapter` by every adapter module, a user's own too.
 *
 * @throws when a parameter of the address is unknown or wrong, with a message that names it and holds no password.
 */
export type OpenAdapter = (url: URL) => Promise<Adapter>
