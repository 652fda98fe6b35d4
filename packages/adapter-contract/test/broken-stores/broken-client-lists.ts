import type { Client, ClientPageRequest, ClientRegistry } from '@latchkey/core'
import type { Broken } from './broken.ts'

type ListPromise =
  | 'Lists the clients, each once'
  | 'A part of the registry, in the order of ids by their UTF-16 code units'
  | 'Where the next page begins'
  | 'absent on the last one'
  | 'Only ids above this one: `next` of the page before'
  | 'At most so many clients, from 1 to 1000'

async function allOf(clients: ClientRegistry): Promise<readonly Client[]> {
  return (await clients.list({ limit: Number.MAX_SAFE_INTEGER })).clients
}

/** Pages through the clients in whatever order `compare` puts them. */
const listedBy =
  (compare: (a: string, b: string) => number) =>
  (honest: ClientRegistry): ClientRegistry => ({
    ...honest,
    async list({ after, limit }: ClientPageRequest) {
      const above = (await allOf(honest))
        .filter(({ id }) => after === undefined || compare(id, after) > 0)
        .toSorted((a, b) => compare(a.id, b.id))
      const page = { clients: above.slice(0, limit) }
      return above.length > limit ? { ...page, next: page.clients.at(-1)?.id ?? '' } : page
    },
  })

export const brokenClientLists: Broken<ClientRegistry, ListPromise> = {
  'Lists the clients, each once': {
    'lists names instead of clients': (honest) => ({
      ...honest,
      async list(request) {
        const page = await honest.list(request)
        return { ...page, clients: page.clients.map(({ id, name }) => ({ id, name }) as Client) }
      },
    }),
    'lists the last of a page again on the next one': (honest) => {
      const previous = new Map<string, Client>()
      return {
        ...honest,
        async list(request) {
          const page = await honest.list(request)
          const last = page.clients.at(-1)
          if (page.next !== undefined && last !== undefined) previous.set(page.next, last)
          const again = previous.get(request.after ?? '')
          return again ? { ...page, clients: [again, ...page.clients].slice(0, request.limit) } : page
        },
      }
    },
    'begins nowhere where no client is named': (honest) => ({
      ...honest,
      list: async (request) => (request.after === undefined ? { clients: [] } : honest.list(request)),
    }),
    'hands out the objects that it holds': (honest) => {
      const held = new Map<string, Client>()
      const heldOne = (client: Client): Client => {
        if (!held.has(client.id)) held.set(client.id, client)
        return held.get(client.id) as Client
      }
      return {
        ...honest,
        async list(request) {
          const page = await honest.list(request)
          return { ...page, clients: page.clients.map(heldOne) }
        },
      }
    },
  },
  'A part of the registry, in the order of ids by their UTF-16 code units': {
    'orders by a language': listedBy(new Intl.Collator('en').compare),
    'orders without case': listedBy((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : Number(a !== b))),
    'orders as they came': (honest) => {
      const came: string[] = []
      const place = (id: string): number => came.indexOf(id)
      return {
        ...listedBy((a, b) => place(a) - place(b))(honest),
        add: async (client) => {
          came.push(client.id)
          return honest.add(client)
        },
      }
    },
  },
  'Where the next page begins': {
    'names the first of the next page, and leaves it out': (honest) => ({
      ...honest,
      async list(request) {
        const page = await honest.list(request)
        if (page.next === undefined) return page
        const [following] = (await honest.list({ after: page.next, limit: 1 })).clients
        return { ...page, next: following?.id ?? page.next }
      },
    }),
    'names none': (honest) => ({
      ...honest,
      list: async (request) => ({ clients: (await honest.list(request)).clients }),
    }),
  },
  'absent on the last one': {
    'names a next page whenever one is full': (honest) => ({
      ...honest,
      async list(request) {
        const { clients } = await honest.list(request)
        const last = clients.at(-1)
        return last !== undefined && clients.length === request.limit ? { clients, next: last.id } : { clients }
      },
    }),
    'names the end of a last page too': (honest) => ({
      ...honest,
      async list(request) {
        const { clients } = await honest.list(request)
        return { clients, next: clients.at(-1)?.id ?? request.after ?? '' }
      },
    }),
  },
  'Only ids above this one: `next` of the page before': {
    'lists the named one too': (honest) => ({
      ...honest,
      async list({ after = '', limit }) {
        const from = (await allOf(honest)).filter(({ id }) => id >= after)
        return { clients: from.slice(0, limit) }
      },
    }),
    'begins anew where the named one is not registered': (honest) => ({
      ...honest,
      async list({ after, limit }) {
        const all = await allOf(honest)
        const start = all.findIndex(({ id }) => id === after) + 1
        return { clients: all.slice(start, start + limit) }
      },
    }),
  },
  'At most so many clients, from 1 to 1000': {
    'has pages of a size of its own': (honest) => ({
      ...honest,
      list: (page) => honest.list({ ...page, limit: 10 }),
    }),
    'lists one too many': (honest) => ({ ...honest, list: (page) => honest.list({ ...page, limit: page.limit + 1 }) }),
  },
}
