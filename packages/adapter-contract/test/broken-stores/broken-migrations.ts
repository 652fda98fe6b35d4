import type { FirstMigrationsPromise, MigrationsPromise, OpenFirstNodes } from '@latchkey/adapter-contract'
import type { Adapter, Migrations } from '@latchkey/core'
import type { Broken } from './broken.ts'
import { interruption } from './broken.ts'

/** Gives both nodes other migrations, which they share. */
const withMigrations =
  (change: (honest: Migrations) => Migrations) =>
  (open: OpenFirstNodes): OpenFirstNodes =>
  async () => {
    const nodes = await open()
    const { migrations } = nodes[0]
    if (migrations === undefined) throw new Error('the honest adapter has no migrations')
    const broken = change(migrations)
    return [
      { ...nodes[0], migrations: broken },
      { ...nodes[1], migrations: broken },
    ]
  }

const withNodes =
  (change: (node: Adapter) => Adapter) =>
  (open: OpenFirstNodes): OpenFirstNodes =>
  async () => {
    const [node, other] = await open()
    return [change(node), change(other)]
  }

/** Looks which steps are pending, and takes them without looking again. */
function lookingBeforeTaking(honest: Migrations): Migrations {
  return {
    ...honest,
    async apply() {
      const pending = await honest.pending()
      await interruption()
      await honest.apply()
      return pending
    },
  }
}

/** Lets one caller at a time take steps, and turns the others away. */
function turningAway(honest: Migrations): Migrations {
  let busy = false
  return {
    ...honest,
    async apply() {
      if (busy) throw new Error('another node is migrating')
      busy = true
      await interruption()
      try {
        return await honest.apply()
      } finally {
        busy = false
      }
    },
  }
}

export const brokenMigrations: Broken<Migrations, MigrationsPromise> = {
  'empty when there are none': {
    'names all the steps that it knows': (honest) => ({ ...honest, pending: async () => ['1 clients', '2 tokens'] }),
    'throws when there is nothing to do': (honest) => ({
      ...honest,
      async pending() {
        const pending = await honest.pending()
        if (pending.length === 0) throw new Error('nothing is pending')
        return pending
      },
    }),
  },
  'the names of the steps that this call took, in their order': {
    'names all the steps that were ever taken': (honest) => ({
      ...honest,
      async apply() {
        await honest.apply()
        return ['1 clients', '2 tokens']
      },
    }),
    'takes the last step again and again': (honest) => ({
      ...honest,
      apply: async () => [...(await honest.apply()), '3 revocations'],
    }),
  },
  'Two nodes may do so at once: each step is taken once': {
    'looks before it takes them': lookingBeforeTaking,
    'turns the second one away': turningAway,
  },
}

export const brokenFirstMigrations: Broken<OpenFirstNodes, FirstMigrationsPromise> = {
  'The names of the steps that are yet to be taken, in their order': {
    'has nothing pending': withMigrations((honest) => ({ ...honest, pending: async () => [] })),
    'names a step for each backend': withMigrations((honest) => ({
      ...honest,
      pending: async () => (await honest.pending()).flatMap((step) => [step, step]),
    })),
  },
  'Changes nothing': {
    'takes the first step when it is asked': withMigrations((honest) => {
      let asked = 0
      return {
        pending: async () => (await honest.pending()).slice(asked++ > 0 ? 1 : 0),
        apply: honest.apply,
      }
    }),
    'takes them when it is asked': withMigrations((honest) => ({
      ...honest,
      async pending() {
        const pending = await honest.pending()
        await honest.apply()
        return pending
      },
    })),
  },
  'Takes them': {
    'writes down that it did, and does nothing': withNodes((node) => ({
      ...node,
      ...(node.clients && {
        clients: { ...node.clients, add: () => Promise.reject(new Error('relation "clients" does not exist')) },
      }),
    })),
    'is not well afterwards': withNodes((node) => ({
      ...node,
      check: () => Promise.reject(new Error('the schema is not the one that is needed')),
    })),
  },
  'Two nodes may do so at once: each step is taken once': {
    'looks before it takes them': withMigrations(lookingBeforeTaking),
    'turns the second one away': withMigrations(turningAway),
    'tells each node of all the steps': withMigrations((honest) => {
      let all: readonly string[] | undefined
      return {
        ...honest,
        async apply() {
          all ??= await honest.pending()
          await honest.apply()
          return all
        },
      }
    }),
    'leaves the last step to a later call': withMigrations((honest) => {
      let calls = 0
      return {
        async apply() {
          const taken = await honest.apply()
          return calls++ === 0 ? taken.slice(0, -1) : taken
        },
        pending: honest.pending,
      }
    }),
  },
  'the names of the steps that this call took, in their order': {
    'names them by their last one': withMigrations((honest) => ({
      ...honest,
      apply: async () => (await honest.apply()).toReversed(),
    })),
    'says how many': withMigrations((honest) => ({
      ...honest,
      apply: async () => [`${(await honest.apply()).length}`],
    })),
  },
}
