/** A document of somebody else, as it came. It may hold anything. */
export interface RemoteDocument {
  readonly text: string
}

/** What a host answered in the place of a document: that there is none, or what is not taken for one. */
export interface RefusedDocument {
  /** For the operator; holds nothing of what the host sent. */
  readonly reason: string
}

/**
 * Fetches what others publish under an https address: the keys of a client (RFC 7591 §2, `jwks_uri`), the metadata and the
 * keys of an issuer that a client is registered with.
 *
 * Whoever implements it keeps the server from being sent where only the server can go: every address that is connected to
 * is one of the public network unless the operator has named it, redirects are not followed, and a document takes neither
 * endless time nor endless memory.
 */
export interface RemoteDocuments {
  /**
   * The document at an address, fetched or remembered. The very same object as long as it is the same fetch.
   *
   * @throws when the address must not be asked, or when its host does not answer and has given nothing lately.
   */
  find(address: string): Promise<RemoteDocument | RefusedDocument>
  /** The same, fetched anew where that is possible: for whoever misses something in what `find` gave. */
  refetch(address: string): Promise<RemoteDocument | RefusedDocument>
}
