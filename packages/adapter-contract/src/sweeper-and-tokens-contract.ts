import { assertSame, assertThat } from './assertions.ts'
import type { AdapterWith, ContractCase } from './contract-case.ts'
import { freshTokenId } from './fresh.ts'
import { plainToken } from './samples.ts'
import { LIVE, LONG_EXPIRED, SWEEP_TIME } from './times.ts'

/** The sentences of `Sweeper` and `TokenStore` that can be checked where an adapter has both. */
export type SweeperAndTokensPromise =
  | 'Forgets what may be forgotten at `now`, and nothing else'
  | 'how many records it forgot'
  | 'It may forget a record once its `expiresAt` has passed, and must not forget it before'
  | 'of two calls the later expiry stays'

/** How often a count is tried: whoever sweeps at the same time may forget our records first. */
const ATTEMPTS = 20

/** What a sweeper promises about tokens and revocations. Checked without waiting: the time is an argument. */
export const sweeperAndTokensContract: readonly ContractCase<
  AdapterWith<'sweeper' | 'tokens'>,
  SweeperAndTokensPromise
>[] = [
  {
    title: 'forgets tokens and revocations that expired long ago',
    promise: 'Forgets what may be forgotten at `now`, and nothing else',
    async check({ sweeper, tokens }) {
      const token = { ...plainToken(freshTokenId()), expiresAt: LONG_EXPIRED }
      const revoked = freshTokenId()
      await tokens.save(token)
      await tokens.revoke(revoked, LONG_EXPIRED)
      await sweeper.sweep(SWEEP_TIME)
      assertSame(await tokens.find(token.id), undefined, 'the record found')
      assertSame(await tokens.isRevoked(revoked), false, 'whether the revocation is remembered')
    },
  },
  {
    title: 'keeps tokens that have not expired, and those that expire this very second',
    promise: 'It may forget a record once its `expiresAt` has passed, and must not forget it before',
    async check({ sweeper, tokens }) {
      const kept = [SWEEP_TIME, SWEEP_TIME + 1, LIVE].map((expiresAt) => ({ ...plainToken(freshTokenId()), expiresAt }))
      for (const token of kept) await tokens.save(token)
      await sweeper.sweep(SWEEP_TIME)
      for (const token of kept) assertSame(await tokens.find(token.id), token, `the record until ${token.expiresAt}`)
    },
  },
  {
    title: 'keeps revocations that have not expired, and those that expire this very second',
    promise: 'It may forget a record once its `expiresAt` has passed, and must not forget it before',
    async check({ sweeper, tokens }) {
      const kept = [SWEEP_TIME, SWEEP_TIME + 1, LIVE].map((expiresAt) => ({ id: freshTokenId(), expiresAt }))
      for (const { id, expiresAt } of kept) await tokens.revoke(id, expiresAt)
      await sweeper.sweep(SWEEP_TIME)
      for (const { id, expiresAt } of kept) {
        assertSame(await tokens.isRevoked(id), true, `whether the revocation until ${expiresAt} is remembered`)
        await tokens.save(plainToken(id))
        assertSame(await tokens.find(id), undefined, `the record whose revocation lasts until ${expiresAt}`)
      }
    },
  },
  {
    title: 'keeps the revocation of a token for longer than the token',
    promise: 'It may forget a record once its `expiresAt` has passed, and must not forget it before',
    async check({ sweeper, tokens }) {
      const token = { ...plainToken(freshTokenId()), expiresAt: LONG_EXPIRED }
      await tokens.save(token)
      await tokens.revoke(token.id, LIVE)
      await sweeper.sweep(SWEEP_TIME)
      await tokens.save(token)
      assertSame(await tokens.find(token.id), undefined, 'the record that was saved again')
    },
  },
  {
    title: 'keeps the later expiry of two revocations, whichever came first',
    promise: 'of two calls the later expiry stays',
    async check({ sweeper, tokens }) {
      const ids = [freshTokenId(), freshTokenId(), freshTokenId()] as const
      const [up, down, both] = ids
      for (const expiresAt of [LONG_EXPIRED, LIVE]) await tokens.revoke(up, expiresAt)
      for (const expiresAt of [LIVE, LONG_EXPIRED]) await tokens.revoke(down, expiresAt)
      await Promise.all([LONG_EXPIRED, LIVE, LONG_EXPIRED].map((expiresAt) => tokens.revoke(both, expiresAt)))
      await sweeper.sweep(SWEEP_TIME)
      for (const id of ids) assertSame(await tokens.isRevoked(id), true, 'whether the revocation is remembered')
    },
  },
  {
    title: 'counts what it forgot',
    promise: 'how many records it forgot',
    async check({ sweeper, tokens }) {
      const counts: number[] = []
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        for (let record = 0; record < 3; record++)
          await tokens.save({ ...plainToken(freshTokenId()), expiresAt: LONG_EXPIRED })
        const [some, none] = [await sweeper.sweep(SWEEP_TIME), await sweeper.sweep(SWEEP_TIME)]
        if (some >= 3 && none === 0) return
        counts.push(some, none)
      }
      assertThat(
        false,
        `3 records were saved, then swept, then nothing was left, but the counts were ${counts.join(', ')}`,
      )
    },
  },
]
