import type { EpochSeconds } from '../domain/epoch-seconds.ts'

/** Indices of one list that follow one another. */
export interface StatusBlock {
  /** Which list: 1 to 64 characters of base64url. */
  readonly list: string
  readonly first: number
}

/** Hands out places in lists of revoked tokens, and remembers which of them were revoked. */
export interface StatusIndexes {
  /**
   * Reserves `count` indices that follow one another, 1 to 4096 of them. Every index is below 1 048 576. No index of a list is
   * ever reserved twice; of fifty blocks at once no two overlap.
   *
   * @param expiresAt the store may forget the list once this second, and that of every other block in it, has passed, and
   *   must not forget it before.
   * @throws when the backend is away or full.
   */
  reserve(count: number, expiresAt: EpochSeconds): Promise<StatusBlock>
  /**
   * Marks an index as revoked, for as long as its list is kept. Idempotent. A list that is unknown is none of its affair.
   *
   * @throws when the backend is away or full: then the list still calls the token good, and the caller must say so.
   */
  revoke(list: string, index: number): Promise<void>
  /**
   * The bits of a list, the lowest of each byte first: 1 where an index was revoked. Bytes at its end that hold no 1 may be
   * missing. `undefined` for a list that is unknown.
   *
   * @throws when the backend is away: broken is never "not revoked".
   */
  revoked(list: string): Promise<Uint8Array | undefined>
}
