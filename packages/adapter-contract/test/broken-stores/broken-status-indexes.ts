import type { AdapterWith, StatusIndexesPromise, SweeperAndStatusIndexesPromise } from '@latchkey/adapter-contract'
import type { EpochSeconds, StatusBlock, StatusIndexes } from '@latchkey/core'
import type { Broken } from './broken.ts'
import { interruption } from './broken.ts'

type WithSweeper = AdapterWith<'sweeper' | 'statusIndexes'>

const changing =
  (changed: (honest: StatusIndexes) => Partial<StatusIndexes>) =>
  (honest: StatusIndexes): StatusIndexes => ({
    ...honest,
    ...changed(honest),
  })

const reserving = (change: (block: StatusBlock, count: number) => StatusBlock | Promise<StatusBlock>) =>
  changing((honest) => ({ reserve: async (count, expiresAt) => change(await honest.reserve(count, expiresAt), count) }))

export const brokenStatusIndexes: Broken<StatusIndexes, StatusIndexesPromise> = {
  'Which list: 1 to 64 characters of base64url': {
    'names lists by numbers': reserving(({ first }) => ({ list: 1 as unknown as string, first })),
    'names lists by addresses': reserving(({ list, first }) => ({ list: `https://example.com/${list}`, first })),
  },
  'Every index is below 1 048 576': {
    'never opens a second list': () => {
      let next = 0
      return {
        async reserve(count) {
          next += count
          return { list: 'only', first: next - count }
        },
        async revoke() {},
        revoked: async () => new Uint8Array(),
      }
    },
  },
  'No index of a list is ever reserved twice': {
    'gives every block the same place': reserving(({ list }) => ({ list, first: 0 })),
    'counts blocks, and not what is in them': () => {
      let next = 0
      return {
        reserve: async () => ({ list: 'only', first: next++ }),
        async revoke() {},
        revoked: async () => new Uint8Array(),
      }
    },
  },
  'of fifty blocks at once no two overlap': {
    'looks before it reserves': changing((honest) => {
      let next = 0
      return {
        async reserve(count, expiresAt) {
          const { list } = await honest.reserve(count, expiresAt)
          const first = next
          await interruption()
          next = first + count
          return { list, first }
        },
      }
    }),
  },
  'Marks an index as revoked, for as long as its list is kept': {
    'never revokes': changing(() => ({ async revoke() {} })),
    'revokes the neighbour': changing((honest) => ({ revoke: (list, index) => honest.revoke(list, index + 1) })),
    'loses one of two changes at once': changing((honest) => {
      let busy = false
      return {
        async revoke(list, index) {
          if (busy) return
          busy = true
          await interruption()
          busy = false
          await honest.revoke(list, index)
        },
      }
    }),
  },
  Idempotent: {
    'turns the bit over': changing((honest) => {
      const turned = new Set<string>()
      return {
        async revoke(list, index) {
          if (!turned.delete(`${list} ${index}`)) turned.add(`${list} ${index}`)
        },
        async revoked(list) {
          const bits = await honest.revoked(list)
          const all = new Uint8Array(131_072)
          for (const [name, index] of [...turned].map((one) => one.split(' ')))
            if (name === list) all[Number(index) >> 3] = (all[Number(index) >> 3] ?? 0) | (1 << (Number(index) & 7))
          return bits && all
        },
      }
    }),
    'complains of the second time': changing((honest) => {
      const seen = new Set<string>()
      return {
        async revoke(list, index) {
          if (seen.has(`${list} ${index}`)) throw new Error('duplicate key value violates unique constraint')
          seen.add(`${list} ${index}`)
          await honest.revoke(list, index)
        },
      }
    }),
  },
  'A list that is unknown is none of its affair': {
    'complains of an unknown list': changing((honest) => ({
      async revoke(list, index) {
        if ((await honest.revoked(list)) === undefined) throw new Error('violates foreign key constraint')
        await honest.revoke(list, index)
      },
    })),
    'makes a list of it': changing((honest) => {
      const made = new Set<string>()
      return {
        async revoke(list, index) {
          made.add(list)
          await honest.revoke(list, index)
        },
        revoked: async (list) => (await honest.revoked(list)) ?? (made.has(list) ? new Uint8Array() : undefined),
      }
    }),
  },
  'The bits of a list, the lowest of each byte first: 1 where an index was revoked': {
    'tells the highest bit first': changing((honest) => ({
      revoked: async (list) =>
        (await honest.revoked(list))?.map((byte) =>
          Number.parseInt(byte.toString(2).padStart(8, '0').split('').reverse().join(''), 2),
        ),
    })),
    'tells what is still good': changing((honest) => ({
      revoked: async (list) => (await honest.revoked(list))?.map((byte) => 255 - byte),
    })),
  },
  '`undefined` for a list that is unknown': {
    'calls an unknown list an empty one': changing((honest) => ({
      revoked: async (list) => (await honest.revoked(list)) ?? new Uint8Array(),
    })),
    'calls an empty list an unknown one': changing((honest) => ({
      async revoked(list) {
        const bits = await honest.revoked(list)
        return bits?.some((byte) => byte > 0) ? bits : undefined
      },
    })),
  },
}

/** Sweeps lists by an expiry that it makes of that of its blocks. */
const keepingUntil =
  (combine: (known: EpochSeconds | undefined, next: EpochSeconds) => EpochSeconds, early = 0) =>
  ({ statusIndexes, sweeper }: WithSweeper): WithSweeper => {
    const expiries = new Map<string, EpochSeconds>()
    return {
      sweeper: {
        async sweep(now) {
          for (const [list, expiresAt] of expiries) if (expiresAt < now + early) expiries.delete(list)
          return sweeper.sweep(now)
        },
      },
      statusIndexes: {
        ...statusIndexes,
        async reserve(count, expiresAt) {
          const block = await statusIndexes.reserve(count, expiresAt)
          expiries.set(block.list, combine(expiries.get(block.list), expiresAt))
          return block
        },
        revoked: async (list) => (expiries.has(list) ? statusIndexes.revoked(list) : undefined),
      },
    }
  }

export const brokenSweepersOfStatusIndexes: Broken<WithSweeper, SweeperAndStatusIndexesPromise> = {
  'the store may forget the list once this second, and that of every other block in it, has passed, and must not forget it before':
    {
      'goes by the first block': keepingUntil((known, next) => known ?? next),
      'goes by the last block': keepingUntil((_, next) => next),
      'forgets what expires this very second': keepingUntil((known, next) => Math.max(known ?? 0, next), 1),
    },
}
