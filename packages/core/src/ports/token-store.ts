import type { AccessTokenRecord, TokenId } from '../domain/access-token.ts'
import type { EpochSeconds } from '../domain/epoch-seconds.ts'

/**
 * Remembers reference tokens, and revocations of both kinds, until they expire. It may forget a record once its
 * `expiresAt` has passed, and must not forget it before; whether a token is expired is not for the store to decide.
 *
 * The text of a record is well-formed Unicode without NUL, which core sees to, except inside `claims`. There every
 * string comes back as it was, NUL, lone surrogates and the name `__proto__` too. Only the order of members may change.
 */
export interface TokenStore {
  /**
   * Resolves once the record outlives a crash of this process, as far as the backend promises durability at all. What
   * was saved does not change with the caller's object. Ids never repeat; saving one again does not change the record.
   *
   * @throws when the backend is away or full.
   */
  save(record: AccessTokenRecord): Promise<void>
  /**
   * One read, of everything that was saved. What is handed out is the caller's: changing it changes nothing here.
   *
   * @returns `undefined` for an unknown id, whatever it holds, and for a revoked one.
   * @throws when the backend is away, or when its record cannot be read: broken is never "not found".
   */
  find(id: TokenId): Promise<AccessTokenRecord | undefined>
  /**
   * Idempotent, and as durable as `save`; `expiresAt` holds the margin for clocks that differ already. Also for a
   * self-contained token, which is never saved. A later `save` does not undo it; of two calls the later expiry stays.
   *
   * @throws when the backend is away or full: then the token may still be good, and the caller must say so.
   */
  revoke(id: TokenId, expiresAt: EpochSeconds): Promise<void>
  /**
   * Asked for self-contained tokens only: a reference token is known to be good by `find`.
   *
   * @throws when the backend is away: broken is never "not revoked".
   */
  isRevoked(id: TokenId): Promise<boolean>
}
