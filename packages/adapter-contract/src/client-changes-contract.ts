import type { Adapter, ClientRegistry } from '@latchkey/core'
import { assertSame, assertThat } from './assertions.ts'
import type { AdapterWith, ContractCase } from './contract-case.ts'
import { freshName } from './fresh.ts'
import { createListener, type Listener } from './listener.ts'
import { race } from './race.ts'
import { plainClient } from './samples.ts'

const TELLS =
  'Tells of every client that is added, replaced or removed from now on, on whatever node, within a second: by its id, or by `all` where changes may have been missed, as after a new connection'

/** The sentences of `ClientChanges` that one adapter alone can be asked about. */
export type ClientChangesPromise =
  | typeof TELLS
  | 'Tells of a change no sooner than the next `find` sees it'
  | 'Resolves once changes are told'
  | 'Ends a subscription: resolves once nothing more is told'
  | 'Idempotent'

/** How often a race with the beginning or the end of a subscription is run. */
const ROUNDS = 20

type Subject = AdapterWith<'clients' | 'clientChanges'>

/** Subscribes for as long as a case takes. */
async function listening({ clientChanges }: Subject, check: (listener: Listener) => Promise<void>): Promise<void> {
  const listener = createListener()
  const unsubscribe = await clientChanges.subscribe(listener.hear)
  try {
    await check(listener)
  } finally {
    await unsubscribe()
  }
}

/** Each way of changing a client, in an order in which all of them succeed. */
const CHANGES: readonly ((clients: ClientRegistry, id: string) => Promise<boolean>)[] = [
  (clients, id) => clients.add(plainClient(id)),
  (clients, id) => clients.replace({ ...plainClient(id), name: 'second' }, 1),
  (clients, id) => clients.remove(id),
]

/** What every {@link ClientChanges} promises, as far as one node can tell. */
export const clientChangesContract: readonly ContractCase<Subject, ClientChangesPromise>[] = [
  {
    title: 'tells of a client that is added, replaced and removed',
    promise: TELLS,
    check: (adapter) =>
      listening(adapter, async (listener) => {
        const id = freshName('changed')
        for (const change of CHANGES) {
          listener.forget()
          await change(adapter.clients, id)
          await listener.untilToldOf(id)
        }
      }),
  },
  {
    title: 'tells of clients by ids of any form that can be registered',
    promise: TELLS,
    check: (adapter) =>
      listening(adapter, async (listener) => {
        const fresh = freshName('Case')
        const ids = [`https://${fresh}.example:8443/~a@b`, `-${fresh}`, fresh.padEnd(255, 'x')]
        for (const id of ids) await adapter.clients.add(plainClient(id))
        for (const id of ids) await listener.untilToldOf(id)
      }),
  },
  {
    title: 'tells of each of fifty clients that change at once',
    promise: TELLS,
    check: (adapter) =>
      listening(adapter, async (listener) => {
        const fresh = freshName('crowd')
        await race((racer) => adapter.clients.add(plainClient(`${fresh}-${racer}`)))
        await race((racer) => listener.untilToldOf(`${fresh}-${racer}`))
      }),
  },
  {
    title: 'tells everybody who has subscribed',
    promise: TELLS,
    check: (adapter) =>
      listening(adapter, (first) =>
        listening(adapter, async (second) => {
          const id = freshName('heard')
          await adapter.clients.add(plainClient(id))
          await Promise.all([first.untilToldOf(id), second.untilToldOf(id)])
        }),
      ),
  },
  {
    title: 'is told of a change when the change can be found',
    promise: 'Tells of a change no sooner than the next `find` sees it',
    check: (adapter) =>
      listening(adapter, async (listener) => {
        const id = freshName('found')
        for (const [index, change] of CHANGES.entries()) {
          listener.forget()
          const changing = change(adapter.clients, id)
          const isSeen = async (): Promise<boolean> => {
            // What was told before this look is used up: only a notice that comes later may lead to another look.
            listener.forget()
            const found = await adapter.clients.find(id)
            return index === CHANGES.length - 1 ? found === undefined : found?.version === index + 1
          }
          await listener.untilToldOf(id, isSeen)
          await changing
        }
      }),
  },
  {
    title: 'tells of what changes as soon as it has been subscribed to',
    promise: 'Resolves once changes are told',
    async check(adapter) {
      for (let round = 0; round < ROUNDS; round++)
        await listening(adapter, async (listener) => {
          const id = freshName('prompt')
          await adapter.clients.add(plainClient(id))
          await listener.untilToldOf(id)
        })
    },
  },
  {
    title: 'tells nothing to who has left, however much changes meanwhile',
    promise: 'Ends a subscription: resolves once nothing more is told',
    check: (adapter) =>
      listening(adapter, async (witness) => {
        for (let round = 0; round < ROUNDS; round++) {
          const ids = Array.from({ length: 4 }, () => freshName('unheard'))
          let hasLeft = false
          let late: string | undefined
          const unsubscribe = await adapter.clientChanges.subscribe((id) => {
            if (hasLeft) late ??= id
          })
          const changing = Promise.all(ids.map((id) => adapter.clients.add(plainClient(id))))
          await unsubscribe()
          hasLeft = true
          await changing
          const last = freshName('last')
          await adapter.clients.add(plainClient(last))
          for (const id of [...ids, last]) await witness.untilToldOf(id)
          assertSame(late, undefined, 'what was told after the end')
        }
      }),
  },
  {
    title: 'goes on telling the others when one has left',
    promise: 'Ends a subscription: resolves once nothing more is told',
    check: (adapter) =>
      listening(adapter, async (listener) => {
        await listening(adapter, async () => {})
        const id = freshName('stayed')
        await adapter.clients.add(plainClient(id))
        await listener.untilToldOf(id)
      }),
  },
  {
    title: 'is left twice at once, and once more, by one of two who listen with the same function',
    promise: 'Idempotent',
    check: (adapter) =>
      listening(adapter, async (listener) => {
        const unsubscribe = await adapter.clientChanges.subscribe(listener.hear)
        await Promise.all([unsubscribe(), unsubscribe()])
        await unsubscribe()
        const id = freshName('left')
        await adapter.clients.add(plainClient(id))
        await listener.untilToldOf(id)
      }),
  },
]

/** The sentences of `ClientChanges` that take two nodes. */
export type ClientChangesBetweenNodesPromise = typeof TELLS

/** What every {@link ClientChanges} promises about other nodes. Each case opens two adapters on one backend, and closes them. */
export const clientChangesBetweenNodesContract: readonly ContractCase<
  () => Promise<Adapter>,
  ClientChangesBetweenNodesPromise
>[] = [
  {
    title: 'tells one node of what another one changes',
    promise: TELLS,
    async check(open) {
      const nodes = await Promise.all([open(), open()])
      try {
        const [here, there] = nodes.map(withChanges) as [Subject, Subject]
        await listening(here, async (listener) => {
          const id = freshName('elsewhere')
          for (const change of CHANGES) {
            listener.forget()
            await change(there.clients, id)
            await listener.untilToldOf(id)
          }
        })
      } finally {
        await Promise.all(nodes.map((node) => node.close()))
      }
    },
  },
]

function withChanges({ clients, clientChanges }: Adapter): Subject {
  assertThat(
    clients !== undefined && clientChanges !== undefined,
    'the adapter has no clients, or none that it tells of',
  )
  return { clients, clientChanges }
}
