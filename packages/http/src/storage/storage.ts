import type {
  Adapter,
  ClientChanges,
  ClientRegistry,
  ClientRepository,
  CredentialUses,
  Migrations,
  ReplayGuard,
  ResourceRegistry,
  ResourceRepository,
  SigningKeyStore,
  StatusIndexes,
  Sweeper,
  TokenStore,
} from '@latchkey/core'
import type { SettingName } from '../config/settings.ts'

/** What the service keeps things in: the two halves of storage, which may be one. */
export interface Storage {
  /** For those who change clients: always asks the backend. */
  readonly clients: ClientRegistry
  /** For requests: may answer from a cache. */
  readonly requestClients: ClientRepository
  /** Tells of clients that other nodes changed; absent where the client storage has no way to. */
  readonly clientChanges: ClientChanges | undefined
  /** Beside the clients; absent where the client storage has no place for them. */
  readonly resources: ResourceRegistry | undefined
  /** For requests: may answer from a cache. */
  readonly requestResources: ResourceRepository | undefined
  readonly credentialUses: CredentialUses | undefined
  /** Beside the clients; absent where the client storage has no place for them. */
  readonly keys: SigningKeyStore | undefined
  readonly tokens: TokenStore
  readonly replays: ReplayGuard | undefined
  /** Beside the tokens; absent where the token storage has no place for them. */
  readonly statusIndexes?: StatusIndexes | undefined
  /** Whether the clients are gone when this process ends. */
  readonly forgetsClients: boolean
  /** Whether the tokens are gone when this process ends. */
  readonly forgetsTokens: boolean
  /** Every adapter that was opened, once. */
  readonly adapters: readonly Adapter[]
  /** The sweepers of those that have one. */
  readonly sweepers: readonly Sweeper[]
  /** The migrations of those that have some, each with the setting that names its adapter. */
  readonly migrations: readonly StorageMigrations[]
  /** What the adapters say that an operator should know. */
  readonly warnings: readonly string[]
  /** Where things are kept, as it may be shown. */
  readonly shown: { readonly clients: string; readonly tokens: string }
  /** Closes every adapter. Rejects when one cannot be closed, after all were told to. */
  close(): Promise<void>
}

/** The migrations of one adapter. */
export interface StorageMigrations {
  /** Which setting names the adapter. */
  readonly setting: SettingName
  readonly migrations: Migrations
}
