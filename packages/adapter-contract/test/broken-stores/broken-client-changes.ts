import type { AdapterWith, ClientChangesBetweenNodesPromise, ClientChangesPromise } from '@latchkey/adapter-contract'
import type { Adapter, ClientChanges, ClientRegistry } from '@latchkey/core'
import type { Broken } from './broken.ts'
import { interruption } from './broken.ts'

type Subject = AdapterWith<'clients' | 'clientChanges'>
type OnChange = (id: string) => void

/** Subscribes with another function than the one that it was given. */
const hearing =
  (change: (onChange: OnChange, adapter: Subject) => OnChange) =>
  (adapter: Subject): Subject => ({
    clients: adapter.clients,
    clientChanges: { subscribe: (onChange) => adapter.clientChanges.subscribe(change(onChange, adapter)) },
  })

const withChanges =
  (changesOf: (honest: ClientChanges, adapter: Subject) => ClientChanges) =>
  (adapter: Subject): Subject => ({
    clients: adapter.clients,
    clientChanges: changesOf(adapter.clientChanges, adapter),
  })

/** Clients of which one way of changing them is told to nobody: it goes past those who tell. */
function silently(way: 'add' | 'replace' | 'remove'): (adapter: Subject) => Subject {
  return ({ clients, clientChanges }) => {
    let silent = 0
    const muted: ClientRegistry = {
      ...clients,
      [way]: async (...args: readonly never[]) => {
        silent++
        try {
          return await (clients[way] as (...given: readonly never[]) => Promise<boolean>)(...args)
        } finally {
          silent--
        }
      },
    }
    const subscribe: ClientChanges['subscribe'] = (onChange) =>
      clientChanges.subscribe((id) => {
        if (silent === 0) onChange(id)
      })
    return { clients: muted, clientChanges: { subscribe } }
  }
}

const TELLS =
  'Tells of every client that is added, replaced or removed from now on, on whatever node, within a second: by its id, or by `all` where changes may have been missed, as after a new connection'

export const brokenClientChanges: Broken<Subject, ClientChangesPromise> = {
  [TELLS]: {
    'tells nothing': hearing(() => () => {}),
    'tells of no addition': silently('add'),
    'tells of no replacement': silently('replace'),
    'tells of no removal': silently('remove'),
    'tells ids in lower case': hearing((onChange) => (id) => onChange(id.toLowerCase())),
    'ends an id at a colon': hearing((onChange) => (id) => onChange(id.split(':', 1)[0] ?? '')),
    'cuts long ids': hearing((onChange) => (id) => onChange(id.slice(0, 200))),
    'tells of one of many clients that change at once': hearing((onChange) => {
      let busy = false
      return (id) => {
        if (busy) return
        busy = true
        void interruption().then(() => (busy = false))
        onChange(id)
      }
    }),
    'tells the last one who subscribed': (adapter) => {
      let last: OnChange
      return hearing((onChange) => {
        last = onChange
        return (id) => {
          if (last === onChange) onChange(id)
        }
      })(adapter)
    },
  },
  'Tells of a change no sooner than the next `find` sees it': {
    'tells before it commits': ({ clients, clientChanges }) => {
      const listeners = new Set<OnChange>()
      const early =
        <Args extends readonly unknown[]>(
          idOf: (...args: Args) => string,
          write: (...args: Args) => Promise<boolean>,
        ) =>
        async (...args: Args): Promise<boolean> => {
          for (const onChange of listeners) onChange(idOf(...args))
          for (let turns = 0; turns < 5; turns++) await interruption()
          return write(...args)
        }
      return {
        clients: {
          ...clients,
          add: early(({ id }) => id, clients.add),
          replace: early(({ id }) => id, clients.replace),
          remove: early((id) => id, clients.remove),
        },
        clientChanges: {
          async subscribe(onChange) {
            listeners.add(onChange)
            const unsubscribe = await clientChanges.subscribe(() => {})
            return async () => {
              listeners.delete(onChange)
              await unsubscribe()
            }
          },
        },
      }
    },
  },
  'Resolves once changes are told': {
    'resolves before it listens': withChanges((honest) => ({
      async subscribe(onChange) {
        const later = interruption().then(() => honest.subscribe(onChange))
        return async () => (await later)()
      },
    })),
  },
  'Ends a subscription: resolves once nothing more is told': {
    'goes on telling who has left': withChanges((honest) => ({
      async subscribe(onChange) {
        await honest.subscribe(onChange)
        return async () => {}
      },
    })),
    'hangs up a moment after it said so': withChanges((honest) => ({
      async subscribe(onChange) {
        const unsubscribe = await honest.subscribe(onChange)
        return async () => void interruption().then(unsubscribe)
      },
    })),
    'tells what it had in hand': withChanges((honest) => ({
      subscribe: (onChange) => honest.subscribe((id) => void interruption().then(() => onChange(id))),
    })),
    'hangs up on everybody': (adapter) => {
      const all: (() => Promise<void>)[] = []
      return withChanges((honest) => ({
        async subscribe(onChange) {
          all.push(await honest.subscribe(onChange))
          return async () => void (await Promise.all(all.map((unsubscribe) => unsubscribe())))
        },
      }))(adapter)
    },
  },
  Idempotent: {
    'complains when it was left already': withChanges((honest) => ({
      async subscribe(onChange) {
        const unsubscribe = await honest.subscribe(onChange)
        let left = false
        return async () => {
          if (left) throw new Error('not subscribed')
          left = true
          await unsubscribe()
        }
      },
    })),
    'counts its subscribers down twice': (adapter) => {
      let subscribers = 0
      return withChanges((honest) => ({
        async subscribe(onChange) {
          subscribers++
          const unsubscribe = await honest.subscribe((id) => {
            if (subscribers > 0) onChange(id)
          })
          let left = false
          return async () => {
            subscribers--
            if (!left) await unsubscribe()
            left = true
          }
        },
      }))(adapter)
    },
    'keeps its subscribers by their functions': (adapter) => {
      const listeners = new Set<OnChange>()
      return withChanges((honest) => ({
        async subscribe(onChange) {
          listeners.add(onChange)
          const unsubscribe = await honest.subscribe((id) => {
            if (listeners.has(onChange)) onChange(id)
          })
          return async () => {
            listeners.delete(onChange)
            await unsubscribe()
          }
        },
      }))(adapter)
    },
  },
}

export const brokenChangesBetweenNodes: Broken<() => Promise<Adapter>, ClientChangesBetweenNodesPromise> = {
  [TELLS]: {
    'tells each node of its own changes': (honest) => async () => {
      const adapter = await honest()
      const { clients, clientChanges } = adapter
      if (clients === undefined || clientChanges === undefined) throw new Error('the honest adapter is not whole')
      let writing = 0
      const own =
        <Args extends readonly unknown[]>(write: (...args: Args) => Promise<boolean>) =>
        async (...args: Args): Promise<boolean> => {
          writing++
          try {
            return await write(...args)
          } finally {
            writing--
          }
        }
      return {
        ...adapter,
        clients: { ...clients, add: own(clients.add), replace: own(clients.replace), remove: own(clients.remove) },
        clientChanges: {
          subscribe: (onChange) =>
            clientChanges.subscribe((id) => {
              if (writing > 0) onChange(id)
            }),
        },
      }
    },
  },
}
