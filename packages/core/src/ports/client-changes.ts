/** Ends a subscription: resolves once nothing more is told. Idempotent. */
export type Unsubscribe = () => Promise<void>

/** Tells of clients that changed on any node, so that a cache can forget them. Without it a cache lives by its bound. */
export interface ClientChanges {
  /**
   * Tells of every client that is added, replaced or removed from now on, on whatever node, within a second: by its id,
   * or by `all` where changes may have been missed, as after a new connection. Tells of a change no sooner than the next
   * `find` sees it. May tell more than once, and in vain. Resolves once changes are told.
   *
   * @param onChange never throws.
   * @throws when changes cannot be told.
   */
  subscribe(onChange: (id: string) => void): Promise<Unsubscribe>
}
