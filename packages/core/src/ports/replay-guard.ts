import type { EpochSeconds } from '../domain/epoch-seconds.ts'

/**
 * Lets each key through once, whatever `expiresAt` comes with it: the `jti` of an assertion or of a proof. A key may be
 * any string; two are the same only when all their UTF-16 code units are.
 */
export interface ReplayGuard {
  /**
   * Claims a key, in one atomic step, as durably as a token is saved.
   *
   * @param expiresAt the guard may forget the key once this second has passed, and must not forget it before.
   * @returns true for the first claim, false for every other; of fifty at once exactly one wins.
   * @throws when the backend is away or full: broken is never "not claimed yet".
   */
  claim(key: string, expiresAt: EpochSeconds): Promise<boolean>
}
