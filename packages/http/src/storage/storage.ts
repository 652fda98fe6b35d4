import type { Adapter, ClientRegistry, CredentialUses, TokenStore } from '@latchkey/core'

/** What the service keeps things in: the two halves of storage, which may be one. */
export interface Storage {
  readonly clients: ClientRegistry
  readonly credentialUses: CredentialUses | undefined
  readonly tokens: TokenStore
  /** Whether the clients are gone when this process ends. */
  readonly forgetsClients: boolean
  /** Whether the tokens are gone when this process ends. */
  readonly forgetsTokens: boolean
  /** Every adapter that was opened, once. */
  readonly adapters: readonly Adapter[]
  /** Where things are kept, as it may be shown. */
  readonly shown: { readonly clients: string; readonly tokens: string }
  /** Closes every adapter. Rejects when one cannot be closed, after all were told to. */
  close(): Promise<void>
}
