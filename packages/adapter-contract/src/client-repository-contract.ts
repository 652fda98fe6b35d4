import type { Client, ClientRepository } from '@latchkey/core'
import { assertSame } from './assertions.ts'
import type { ContractCase } from './contract-case.ts'
import { deface } from './deface.ts'
import { freshName } from './fresh.ts'
import { HOSTILE_STRINGS } from './hostile-strings.ts'
import { fullClient, plainClient } from './samples.ts'

/** A repository can only be read, so the contract must be told how clients come into it. */
export interface ClientRepositorySubject {
  readonly clients: ClientRepository
  /** Writes a client, in the place of the one with its id if there is one. */
  readonly put: (client: Client) => Promise<void>
}

/** The sentences of {@link ClientRepository} that its contract checks. */
export type ClientRepositoryPromise =
  | 'The client as it was last written, with every member'
  | 'The id may hold anything: one that cannot be registered is simply not found'
  | "What is handed out is the caller's: changing it changes nothing here"
  | '`undefined` when there is none'

/** What every {@link ClientRepository} promises. */
export const clientRepositoryContract: readonly ContractCase<ClientRepositorySubject, ClientRepositoryPromise>[] = [
  {
    title: 'finds a client with every member, and hostile text in all of them',
    promise: 'The client as it was last written, with every member',
    async check({ clients, put }) {
      const client = fullClient(freshName('full'))
      await put(client)
      assertSame(await clients.find(client.id), client, 'the client found')
    },
  },
  {
    title: 'finds a client without optional members, and adds none',
    promise: 'The client as it was last written, with every member',
    async check({ clients, put }) {
      const client = plainClient(freshName('plain'))
      await put(client)
      assertSame(await clients.find(client.id), client, 'the client found')
    },
  },
  {
    title: 'finds what was written last, and nothing of what it was before',
    promise: 'The client as it was last written, with every member',
    async check({ clients, put }) {
      const id = freshName('rewritten')
      await put(fullClient(id))
      await clients.find(id)
      await put(plainClient(id))
      const found = await clients.find(id)
      assertSame(found, { ...plainClient(id), version: found?.version }, 'the client found')
    },
  },
  {
    title: 'finds clients by ids of any form that can be registered',
    promise: 'The client as it was last written, with every member',
    async check({ clients, put }) {
      const fresh = freshName('id')
      const ids = ['__proto__', `https://${fresh}.example:8443/~a@b`, `-${fresh}`, fresh.padEnd(255, 'x')]
      for (const id of ids) {
        await put(plainClient(id))
        assertSame((await clients.find(id))?.id, id, 'the id found')
      }
    },
  },
  {
    title: 'finds no client by a hostile id that nobody registered, and takes no offence',
    promise: 'The id may hold anything: one that cannot be registered is simply not found',
    async check({ clients, put }) {
      const { id } = plainClient(freshName('hostile'))
      await put(plainClient(id))
      const strangers = HOSTILE_STRINGS.filter((text) => text !== '__proto__')
      for (const text of [...strangers, ...strangers.map((stranger) => `${id}${stranger}`)])
        if (text !== id) assertSame(await clients.find(text), undefined, `the client by the id ${JSON.stringify(text)}`)
    },
  },
  {
    title: 'keeps apart ids that differ in case, in a wildcard or in their length',
    promise: '`undefined` when there is none',
    async check({ clients, put }) {
      const id = freshName('Case_a')
      await put(plainClient(id))
      for (const other of [id.toLowerCase(), id.toUpperCase(), id.replace('_', '-'), id.slice(0, -1), `${id}x`])
        assertSame(await clients.find(other), undefined, `the client by the id ${other}`)
    },
  },
  {
    title: 'finds nothing where nothing was written',
    promise: '`undefined` when there is none',
    async check({ clients }) {
      assertSame(await clients.find(freshName('unknown')), undefined, 'the client found')
    },
  },
  {
    title: 'is not changed by changes to what it handed out',
    promise: "What is handed out is the caller's: changing it changes nothing here",
    async check({ clients, put }) {
      const client = fullClient(freshName('found'))
      await put(client)
      deface(await clients.find(client.id))
      assertSame(await clients.find(client.id), client, 'the client found again')
    },
  },
]
