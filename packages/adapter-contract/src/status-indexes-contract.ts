import type { StatusBlock, StatusIndexes } from '@latchkey/core'
import { assertSame, assertThat } from './assertions.ts'
import type { AdapterWith, ContractCase } from './contract-case.ts'
import { freshName } from './fresh.ts'
import { race } from './race.ts'
import { LIVE, LONG_EXPIRED, SWEEP_TIME } from './times.ts'

/** The sentences of {@link StatusIndexes} that its contract checks. */
export type StatusIndexesPromise =
  | 'Which list: 1 to 64 characters of base64url'
  | 'Every index is below 1 048 576'
  | 'No index of a list is ever reserved twice'
  | 'of fifty blocks at once no two overlap'
  | 'Marks an index as revoked, for as long as its list is kept'
  | 'Idempotent'
  | 'A list that is unknown is none of its affair'
  | 'The bits of a list, the lowest of each byte first: 1 where an index was revoked'
  | '`undefined` for a list that is unknown'

const SIZE = 1_048_576
const MOST = 4096

const bitOf = (bits: Uint8Array | undefined, index: number): number => ((bits?.[index >> 3] ?? 0) >> (index & 7)) & 1

/** The indices of a block that are revoked. */
async function revokedIn(indexes: StatusIndexes, { list, first }: StatusBlock, count: number): Promise<number[]> {
  const bits = await indexes.revoked(list)
  assertThat(bits instanceof Uint8Array, 'expected the bits of a list that was reserved')
  return Array.from({ length: count }, (_, offset) => first + offset).filter((index) => bitOf(bits, index) === 1)
}

function assertApart(blocks: readonly StatusBlock[], count: number): void {
  const taken = blocks.flatMap(({ list, first }) =>
    Array.from({ length: count }, (_, offset) => `${list} ${first + offset}`),
  )
  assertSame(new Set(taken).size, blocks.length * count, 'the number of different indices')
}

/** What every {@link StatusIndexes} promises. */
export const statusIndexesContract: readonly ContractCase<StatusIndexes, StatusIndexesPromise>[] = [
  {
    title: 'names a list so that an address can end with it',
    promise: 'Which list: 1 to 64 characters of base64url',
    async check(indexes) {
      const { list } = await indexes.reserve(1, LIVE)
      assertThat(typeof list === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(list), `no name of a list: ${String(list)}`)
    },
  },
  {
    title: 'goes on with another list where one is full, and never beyond its end',
    promise: 'Every index is below 1 048 576',
    async check(indexes) {
      const blocks: StatusBlock[] = []
      // More than one list holds: some of these blocks are in another.
      for (let block = 0; block <= SIZE / MOST; block++) blocks.push(await indexes.reserve(MOST, LIVE))
      for (const { list, first } of blocks)
        assertThat(
          Number.isSafeInteger(first) && first >= 0 && first + MOST <= SIZE,
          `a block of ${list} begins at ${first}`,
        )
    },
  },
  {
    title: 'reserves each index once, whatever the size of the blocks',
    promise: 'No index of a list is ever reserved twice',
    async check(indexes) {
      const blocks: StatusBlock[] = []
      for (const count of [1, 7, 64, 1, 300]) {
        const { list, first } = await indexes.reserve(count, LIVE)
        for (let offset = 0; offset < count; offset++) blocks.push({ list, first: first + offset })
      }
      assertApart(blocks, 1)
    },
  },
  {
    title: 'reserves fifty blocks at once, none of which overlap',
    promise: 'of fifty blocks at once no two overlap',
    async check(indexes) {
      assertApart(await race(() => indexes.reserve(16, LIVE)), 16)
    },
  },
  {
    title: 'marks what was revoked, and nothing beside it',
    promise: 'Marks an index as revoked, for as long as its list is kept',
    async check(indexes) {
      const block = await indexes.reserve(32, LIVE)
      assertSame(await revokedIn(indexes, block, 32), [], 'the revoked ones of a new block')
      await race((racer) => indexes.revoke(block.list, block.first + (racer % 16) * 2))
      const even = Array.from({ length: 16 }, (_, half) => block.first + half * 2)
      assertSame(await revokedIn(indexes, block, 32), even, 'the revoked ones')
    },
  },
  {
    title: 'marks an index once, however often it is revoked',
    promise: 'Idempotent',
    async check(indexes) {
      const block = await indexes.reserve(8, LIVE)
      for (let times = 0; times < 4; times++) {
        await indexes.revoke(block.list, block.first + 3)
        assertSame(await revokedIn(indexes, block, 8), [block.first + 3], 'the revoked ones')
      }
    },
  },
  {
    title: 'takes the revocation in an unknown list without a complaint, and makes no list of it',
    promise: 'A list that is unknown is none of its affair',
    async check(indexes) {
      const list = freshName('unknown')
      await indexes.revoke(list, 5)
      assertSame(await indexes.revoked(list), undefined, 'the list')
    },
  },
  {
    title: 'tells the lowest bit of a byte first',
    promise: 'The bits of a list, the lowest of each byte first: 1 where an index was revoked',
    async check(indexes) {
      const block = await indexes.reserve(64, LIVE)
      const first = Math.ceil(block.first / 8) * 8
      for (const index of [first, first + 10, first + 23]) await indexes.revoke(block.list, index)
      const bits = await indexes.revoked(block.list)
      const bytes = [0, 1, 2].map((byte) => bits?.[first / 8 + byte])
      assertSame(bytes, [0b0000_0001, 0b0000_0100, 0b1000_0000], 'three bytes of the list')
    },
  },
  {
    title: 'knows no list that was never reserved, and knows one that holds nothing yet',
    promise: '`undefined` for a list that is unknown',
    async check(indexes) {
      assertSame(await indexes.revoked(freshName('unknown')), undefined, 'the list')
      const { list } = await indexes.reserve(1, LIVE)
      assertThat((await indexes.revoked(list)) instanceof Uint8Array, 'expected the bits of a list that was reserved')
    },
  },
]

/** The sentence of {@link StatusIndexes} that can be checked where an adapter has a sweeper too. */
export type SweeperAndStatusIndexesPromise =
  'the store may forget the list once this second, and that of every other block in it, has passed, and must not forget it before'

/** What a sweeper promises about lists. Checked without waiting: the time is an argument. */
export const sweeperAndStatusIndexesContract: readonly ContractCase<
  AdapterWith<'sweeper' | 'statusIndexes'>,
  SweeperAndStatusIndexesPromise
>[] = [
  {
    title: 'keeps a list for its last block, whatever the others say',
    promise:
      'the store may forget the list once this second, and that of every other block in it, has passed, and must not forget it before',
    async check({ sweeper, statusIndexes }) {
      const blocks: StatusBlock[] = []
      for (const expiresAt of [LONG_EXPIRED, SWEEP_TIME, LONG_EXPIRED]) {
        const block = await statusIndexes.reserve(1, expiresAt)
        if (expiresAt === SWEEP_TIME) blocks.push(block)
      }
      for (const { list, first } of blocks) await statusIndexes.revoke(list, first)
      await sweeper.sweep(SWEEP_TIME)
      for (const block of blocks)
        assertSame(await revokedIn(statusIndexes, block, 1), [block.first], 'what is revoked after the sweep')
    },
  },
]
