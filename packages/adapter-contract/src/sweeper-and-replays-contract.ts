import { assertSame } from './assertions.ts'
import type { AdapterWith, ContractCase } from './contract-case.ts'
import { freshName } from './fresh.ts'
import { race } from './race.ts'
import { LIVE, LONG_EXPIRED, SWEEP_TIME } from './times.ts'

/** The sentences of `Sweeper` and `ReplayGuard` that can be checked where an adapter has both. */
export type SweeperAndReplaysPromise =
  | 'Forgets what may be forgotten at `now`, and nothing else'
  | 'the guard may forget the key once this second has passed, and must not forget it before'

/** What a sweeper promises about claims. Checked without waiting: the time is an argument. */
export const sweeperAndReplaysContract: readonly ContractCase<
  AdapterWith<'sweeper' | 'replays'>,
  SweeperAndReplaysPromise
>[] = [
  {
    title: 'forgets claims that expired long ago',
    promise: 'Forgets what may be forgotten at `now`, and nothing else',
    async check({ sweeper, replays }) {
      const key = freshName('expired')
      await replays.claim(key, LONG_EXPIRED)
      await sweeper.sweep(SWEEP_TIME)
      assertSame(await replays.claim(key, LIVE), true, 'the answer to a claim after the sweep')
    },
  },
  {
    title: 'keeps claims that have not expired, and those that expire this very second',
    promise: 'the guard may forget the key once this second has passed, and must not forget it before',
    async check({ sweeper, replays }) {
      const key = freshName('live')
      const times = [SWEEP_TIME, SWEEP_TIME + 1, LIVE]
      for (const expiresAt of times) await replays.claim(`${key}:${expiresAt}`, expiresAt)
      await sweeper.sweep(SWEEP_TIME)
      for (const expiresAt of times)
        assertSame(await replays.claim(`${key}:${expiresAt}`, expiresAt), false, `the claim until ${expiresAt}`)
    },
  },
  {
    title: 'keeps a claim for as long as its winner asked, whatever the losers ask',
    promise: 'the guard may forget the key once this second has passed, and must not forget it before',
    async check({ sweeper, replays }) {
      const key = freshName('shortened')
      await replays.claim(key, LIVE)
      await race(() => replays.claim(key, LONG_EXPIRED))
      await sweeper.sweep(SWEEP_TIME)
      assertSame(await replays.claim(key, LIVE), false, 'the answer to a claim after the sweep')
    },
  },
  {
    title: 'keeps a claim that was made anew after a sweep',
    promise: 'the guard may forget the key once this second has passed, and must not forget it before',
    async check({ sweeper, replays }) {
      const key = freshName('again')
      await replays.claim(key, LONG_EXPIRED)
      await sweeper.sweep(SWEEP_TIME)
      await replays.claim(key, LIVE)
      await sweeper.sweep(SWEEP_TIME)
      assertSame(await replays.claim(key, LIVE), false, 'the answer to a claim after both')
    },
  },
]
