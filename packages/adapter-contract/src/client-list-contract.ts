import type { Client, ClientRegistry } from '@latchkey/core'
import { assertSame, assertThat } from './assertions.ts'
import type { ContractCase } from './contract-case.ts'
import { deface } from './deface.ts'
import { freshName } from './fresh.ts'
import { fullClient, plainClient } from './samples.ts'

/** The sentences of `ClientRegistry` about its list. */
export type ClientListPromise =
  | 'Lists the clients, each once'
  | 'A part of the registry, in the order of ids by their UTF-16 code units'
  | 'Where the next page begins'
  | 'absent on the last one'
  | 'Only ids above this one: `next` of the page before'
  | 'At most so many clients, from 1 to 1000'

/** In the order of their code units, which is no language's: what a collation would put elsewhere. */
const SUFFIXES = ['-', '.', '/', '0', '10', '9', ':', '@', 'A', 'B', 'Z', '_', 'a', 'a.', 'aB', 'ab', 'b', 'z', '~']

/** Above the ids of nearly everybody else, so that a walk to the end is short. */
const freshPrefix = (): string => freshName('~~')

async function addAll(clients: ClientRegistry, prefix: string): Promise<readonly string[]> {
  // Written in another order than the one that they shall be listed in.
  const ids = SUFFIXES.map((suffix) => `${prefix}${suffix}`)
  for (const id of ids.toReversed()) await clients.add(plainClient(id))
  return ids
}

/** A registry that lives long would otherwise be walked in vain by every later run. */
async function removeAll(clients: ClientRegistry, ids: readonly string[]): Promise<void> {
  for (const id of ids) await clients.remove(id)
}

/** Every page from `after` to the end of the registry. */
async function walk(clients: ClientRegistry, after: string, limit: number): Promise<readonly (readonly Client[])[]> {
  const pages: (readonly Client[])[] = []
  let next: string | undefined = after
  while (next !== undefined) {
    const page = await clients.list({ after: next, limit })
    pages.push(page.clients)
    assertThat(page.next === undefined || page.next !== next, `the page after ${next} begins where it began`)
    assertThat(page.next === undefined || page.clients.length > 0, 'a page without clients names a next one')
    next = page.next
  }
  return pages
}

const idsOf = (clients: readonly Client[], prefix: string): readonly string[] =>
  clients.map(({ id }) => id).filter((id) => id.startsWith(prefix))

export const clientListContract: readonly ContractCase<ClientRegistry, ClientListPromise>[] = [
  {
    title: 'lists every client once, with every member, whatever the size of a page',
    promise: 'Lists the clients, each once',
    async check(clients) {
      const prefix = freshPrefix()
      const ids = await addAll(clients, prefix)
      for (const limit of [1, 2, SUFFIXES.length, 1000])
        assertSame(idsOf((await walk(clients, prefix, limit)).flat(), prefix), ids, `the ids in pages of ${limit}`)
      const client = fullClient(`${prefix}~full`)
      await clients.add(client)
      const { clients: listed } = await clients.list({ after: `${prefix}~`, limit: 1 })
      assertSame(listed, [client], 'the client listed')
      await removeAll(clients, [...ids, client.id])
    },
  },
  {
    title: 'lists from the beginning where no client is named',
    promise: 'Lists the clients, each once',
    async check(clients) {
      const { id } = plainClient(freshName('--'))
      await clients.add(plainClient(id))
      const first = await clients.list({ limit: 1000 })
      assertThat(first.clients.length > 0, 'the first page holds nothing')
      const rest = first.next === undefined ? [] : (await walk(clients, first.next, 1000)).flat()
      assertSame(idsOf([...first.clients, ...rest], id), [id], 'the client added')
      await removeAll(clients, [id])
    },
  },
  {
    title: 'orders ids by their code units, not by a language',
    promise: 'A part of the registry, in the order of ids by their UTF-16 code units',
    async check(clients) {
      const prefix = freshPrefix()
      const ids = await addAll(clients, prefix)
      const page = await clients.list({ after: prefix, limit: SUFFIXES.length })
      assertSame(
        page.clients.map(({ id }) => id),
        ids,
        'the ids in their order',
      )
      await removeAll(clients, ids)
    },
  },
  {
    title: 'names the place after a full page from which the next one goes on',
    promise: 'Where the next page begins',
    async check(clients) {
      const prefix = freshPrefix()
      const ids = await addAll(clients, prefix)
      const first = await clients.list({ after: prefix, limit: 3 })
      assertThat(first.next !== undefined, 'a page in the middle names no next one')
      const second = await clients.list({ after: first.next, limit: 3 })
      assertSame(idsOf([...first.clients, ...second.clients], prefix), ids.slice(0, 6), 'the ids of two pages')
      await removeAll(clients, ids)
    },
  },
  {
    title: 'names no next page on the last one, even where that is full',
    promise: 'absent on the last one',
    async check(clients) {
      // Above the ids of every other case, so that nobody takes away what a page has announced.
      const prefix = freshName('~'.repeat(64))
      const ids = await addAll(clients, prefix)
      for (const limit of [1, 7, 1000]) {
        const pages = await walk(clients, `${prefix}y`, limit)
        assertThat(
          pages.every((page) => page.length > 0),
          `a page of at most ${limit} named a next one that holds nothing`,
        )
      }
      const beyond = await clients.list({ after: '~'.repeat(256), limit: 1 })
      assertSame(beyond, { clients: [] }, 'the page above every id')
      await removeAll(clients, ids)
    },
  },
  {
    title: 'lists only ids above the given one, whether or not that is registered',
    promise: 'Only ids above this one: `next` of the page before',
    async check(clients) {
      const prefix = freshPrefix()
      const ids = await addAll(clients, prefix)
      const above = async (after: string): Promise<readonly string[]> =>
        idsOf((await clients.list({ after, limit: SUFFIXES.length })).clients, prefix)
      assertSame(
        await above(`${prefix}ab`),
        ids.slice(ids.indexOf(`${prefix}b`)),
        'the ids above one that is registered',
      )
      assertSame(await above(`${prefix}aa`), ids.slice(ids.indexOf(`${prefix}ab`)), 'the ids above one that is not')
      await clients.remove(`${prefix}ab`)
      assertSame(await above(`${prefix}ab`), ids.slice(ids.indexOf(`${prefix}b`)), 'the ids above one that has gone')
      await removeAll(clients, ids)
    },
  },
  {
    title: 'puts no more clients on a page than it was asked for',
    promise: 'At most so many clients, from 1 to 1000',
    async check(clients) {
      const prefix = freshPrefix()
      const ids = await addAll(clients, prefix)
      for (const limit of [1, 2, 3, 1000]) {
        const page = await clients.list({ after: prefix, limit })
        assertThat(page.clients.length > 0, `a page of at most ${limit} holds nothing`)
        assertThat(page.clients.length <= limit, `a page of at most ${limit} holds ${page.clients.length}`)
      }
      await removeAll(clients, ids)
    },
  },
  {
    title: 'is not changed by changes to a page that it handed out',
    promise: 'Lists the clients, each once',
    async check(clients) {
      const client = fullClient(freshPrefix())
      await clients.add(client)
      const after = client.id.slice(0, -1)
      deface(await clients.list({ after, limit: 1000 }))
      const { clients: listed } = await clients.list({ after, limit: 1000 })
      assertSame(
        listed.filter(({ id }) => id === client.id),
        [client],
        'the client listed again',
      )
      assertSame(await clients.find(client.id), client, 'the client found')
      await removeAll(clients, [client.id])
    },
  },
]
