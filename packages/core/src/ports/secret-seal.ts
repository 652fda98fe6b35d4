/** Whose secret it is. What is sealed for one is of no use for another. */
export interface SecretOwner {
  readonly clientId: string
  readonly credentialId: string
}

/**
 * Keeps secrets that must be known themselves, encrypted: those by which clients sign (`client_secret_jwt`), which a hash
 * cannot verify. `createSecretSeal` makes one of a master key; a program may ask a KMS instead.
 */
export interface SecretSeal {
  /** @returns printable ASCII, at most 4096 characters. */
  seal(owner: SecretOwner, secret: string): Promise<string>
  /** @throws when it was not sealed here for that owner, or nobody can open it now. */
  unseal(owner: SecretOwner, sealed: string): Promise<string>
}
