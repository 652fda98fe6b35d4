import type { Adapter, Migrations } from '@latchkey/core'
import { assertSame, assertThat } from './assertions.ts'
import type { ContractCase } from './contract-case.ts'
import { freshName } from './fresh.ts'
import { race } from './race.ts'
import { plainClient } from './samples.ts'

/** The sentences of {@link Migrations} that can be checked wherever its backend stands. */
export type MigrationsPromise =
  | 'empty when there are none'
  | 'Two nodes may do so at once: each step is taken once'
  | 'the names of the steps that this call took, in their order'

const TAKEN_ONCE = 'Two nodes may do so at once: each step is taken once'
const NAMES_TAKEN = 'the names of the steps that this call took, in their order'

/** What every {@link Migrations} promises, however many steps were taken before. Each case takes those that are left. */
export const migrationsContract: readonly ContractCase<Migrations, MigrationsPromise>[] = [
  {
    title: 'has nothing pending once it was applied',
    promise: 'empty when there are none',
    async check(migrations) {
      await migrations.apply()
      assertSame(await migrations.pending(), [], 'the pending steps')
    },
  },
  {
    title: 'takes no step again',
    promise: NAMES_TAKEN,
    async check(migrations) {
      await migrations.apply()
      assertSame(await migrations.apply(), [], 'the steps taken again')
    },
  },
  {
    title: 'takes no step twice when fifty ask at once, and fails none of them',
    promise: TAKEN_ONCE,
    async check(migrations) {
      const taken = (await race(() => migrations.apply())).flat()
      assertSame(taken, [...new Set(taken)], 'the steps taken')
      assertSame(await migrations.pending(), [], 'the pending steps')
    },
  },
]

/** The sentences of {@link Migrations} that take a backend on which nothing was done yet. */
export type FirstMigrationsPromise =
  | 'The names of the steps that are yet to be taken, in their order'
  | 'Changes nothing'
  | 'Takes them'
  | typeof TAKEN_ONCE
  | typeof NAMES_TAKEN

/**
 * Opens two adapters, as two nodes do, on a backend on which no step was taken yet: on another one with each call. The
 * cases close them.
 */
export type OpenFirstNodes = () => Promise<readonly [Adapter, Adapter]>

/** What every {@link Migrations} promises of a new backend. */
export const firstMigrationsContract: readonly ContractCase<OpenFirstNodes, FirstMigrationsPromise>[] = [
  {
    title: 'names the steps before it takes them, each once',
    promise: 'The names of the steps that are yet to be taken, in their order',
    check: (open) =>
      onNodes(open, async ([node]) => {
        const pending = await node.pending()
        assertThat(pending.length > 0, 'expected a new backend to have pending steps')
        assertSame(pending, [...new Set(pending)], 'the pending steps')
      }),
  },
  {
    title: 'takes the steps in the order in which it named them, and says so',
    promise: NAMES_TAKEN,
    check: (open) =>
      onNodes(open, async ([node]) => {
        const pending = await node.pending()
        assertSame(await node.apply(), pending, 'the steps taken')
        assertSame(await node.pending(), [], 'the pending steps afterwards')
      }),
  },
  {
    title: 'has as many steps pending after it was asked as before',
    promise: 'Changes nothing',
    check: (open) =>
      onNodes(open, async ([node, other]) => {
        const pending = await node.pending()
        assertSame(await node.pending(), pending, 'the pending steps, asked again')
        assertSame(await other.pending(), pending, 'the pending steps of another node')
        assertSame(await other.apply(), pending, 'the steps taken by another node')
      }),
  },
  {
    title: 'takes each step once when two nodes begin at the same time, and fails neither',
    promise: TAKEN_ONCE,
    check: (open) =>
      onNodes(open, async ([node, other]) => {
        const pending = await node.pending()
        const answers = await Promise.all([node.apply(), other.apply(), node.apply(), other.apply()])
        assertSame(answers.flat().toSorted(), pending.toSorted(), 'the steps taken by both')
        for (const taken of answers)
          assertSame(
            taken,
            pending.filter((step) => taken.includes(step)),
            'the order of the steps that one call took',
          )
        assertSame(await other.pending(), [], 'the pending steps afterwards')
      }),
  },
  {
    title: 'makes the backend hold clients, for nodes that were there before too',
    promise: 'Takes them',
    check: (open) =>
      onNodes(open, async ([node], adapters) => {
        await node.apply()
        for (const { clients } of adapters) {
          if (clients === undefined) continue
          const client = plainClient(freshName('migrated'))
          assertSame(await clients.add(client), true, 'the answer to add')
          assertSame(await clients.find(client.id), client, 'the client found')
        }
        for (const adapter of adapters) await adapter.check()
      }),
  },
]

/** Opens the nodes for as long as a case takes. */
async function onNodes(
  open: OpenFirstNodes,
  check: (nodes: readonly [Migrations, Migrations], adapters: readonly Adapter[]) => Promise<void>,
): Promise<void> {
  const adapters = await open()
  try {
    await check([migrationsOf(adapters[0]), migrationsOf(adapters[1])], adapters)
  } finally {
    await Promise.all(adapters.map((adapter) => adapter.close()))
  }
}

function migrationsOf({ migrations }: Adapter): Migrations {
  assertThat(migrations !== undefined, 'the adapter has no migrations')
  return migrations
}
