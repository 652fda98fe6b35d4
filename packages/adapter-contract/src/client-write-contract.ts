import type { Client, ClientRegistry } from '@latchkey/core'
import { assertOneWinner, assertSame } from './assertions.ts'
import type { ContractCase } from './contract-case.ts'
import { deface } from './deface.ts'
import { freshName } from './fresh.ts'
import { RACERS, race } from './race.ts'
import { fullClient, plainClient } from './samples.ts'

/** The sentences of `ClientRegistry` about writing. */
export type ClientWritePromise =
  | 'Changes are atomic and seen by the next `find`'
  | "What was written does not change with the caller's object"
  | 'Adds a client'
  | 'false, with nothing changed, when the id is taken'
  | 'of two additions at once exactly one wins'
  | 'Puts `client` in the place of the one with its id, as `expectedVersion + 1`, whatever `client.version` says'
  | 'false, with nothing changed, when there is none or its version is another'
  | 'of two replacements at once exactly one wins'
  | 'Removes a client'
  | 'false when there was none'

/** A client that says the same word twice, so that half a change shows. */
const saying = (id: string, word: string, version = 1): Client => ({
  ...plainClient(id),
  name: word,
  resourceServerFor: [word],
  version,
})

/** How often a client is replaced while others look. */
const CHANGES = 10

export const clientWriteContract: readonly ContractCase<ClientRegistry, ClientWritePromise>[] = [
  {
    title: 'adds a client as it is, its version included',
    promise: 'Adds a client',
    async check(clients) {
      const client = fullClient(freshName('added'))
      assertSame(await clients.add(client), true, 'the answer to add')
      assertSame(await clients.find(client.id), client, 'the client found')
    },
  },
  {
    title: 'refuses to add a client whose id is taken, and keeps the one that is there',
    promise: 'false, with nothing changed, when the id is taken',
    async check(clients) {
      const client = saying(freshName('taken'), 'first')
      await clients.add(client)
      assertSame(await clients.add(saying(client.id, 'second', 2)), false, 'the answer to the second add')
      assertSame(await clients.find(client.id), client, 'the client found')
    },
  },
  {
    title: 'adds one of fifty clients with one id at once, and keeps the one that it said it added',
    promise: 'of two additions at once exactly one wins',
    async check(clients) {
      const id = freshName('raced')
      const answers = await race((racer) => clients.add(saying(id, `racer ${racer}`)))
      assertOneWinner(answers, 'additions of one id')
      assertSame(await clients.find(id), saying(id, `racer ${answers.indexOf(true)}`), 'the client found')
    },
  },
  {
    title: 'replaces a whole client, and counts its version up from the expected one alone',
    promise:
      'Puts `client` in the place of the one with its id, as `expectedVersion + 1`, whatever `client.version` says',
    async check(clients) {
      const client = fullClient(freshName('replaced'))
      await clients.add(client)
      assertSame(await clients.replace({ ...plainClient(client.id), version: 99 }, client.version), true, 'the answer')
      assertSame(
        await clients.find(client.id),
        { ...plainClient(client.id), version: client.version + 1 },
        'the client',
      )
    },
  },
  {
    title: 'replaces again from the version that it counted up to, and from no earlier one',
    promise: 'false, with nothing changed, when there is none or its version is another',
    async check(clients) {
      const id = freshName('versioned')
      await clients.add(saying(id, 'first'))
      assertSame(await clients.replace(saying(id, 'second'), 1), true, 'the answer to the first replacement')
      for (const version of [1, 0, 3])
        assertSame(await clients.replace(saying(id, 'late', version), version), false, `the answer for ${version}`)
      assertSame(await clients.find(id), saying(id, 'second', 2), 'the client found')
      assertSame(await clients.replace(saying(id, 'third'), 2), true, 'the answer to the last replacement')
    },
  },
  {
    title: 'refuses to replace a client that is not there, and does not add it',
    promise: 'false, with nothing changed, when there is none or its version is another',
    async check(clients) {
      const client = plainClient(freshName('absent'))
      for (const version of [0, 1])
        assertSame(await clients.replace(client, version), false, `the answer for ${version}`)
      assertSame(await clients.find(client.id), undefined, 'the client found')
    },
  },
  {
    title: 'makes one of fifty replacements of one version at once, and keeps the one that it said it made',
    promise: 'of two replacements at once exactly one wins',
    async check(clients) {
      const id = freshName('contested')
      await clients.add(saying(id, 'first'))
      const answers = await race((racer) => clients.replace(saying(id, `racer ${racer}`), 1))
      assertOneWinner(answers, 'replacements of one version')
      assertSame(await clients.find(id), saying(id, `racer ${answers.indexOf(true)}`, 2), 'the client found')
    },
  },
  {
    title: 'removes a client, whose id is free again',
    promise: 'Removes a client',
    async check(clients) {
      const client = fullClient(freshName('removed'))
      await clients.add(client)
      assertSame(await clients.remove(client.id), true, 'the answer to remove')
      assertSame(await clients.find(client.id), undefined, 'the client found')
      assertSame(await clients.add(plainClient(client.id)), true, 'the answer to add after remove')
    },
  },
  {
    title: 'says that there was no client to remove',
    promise: 'false when there was none',
    async check(clients) {
      const id = freshName('gone')
      assertSame(await clients.remove(id), false, 'the answer for an unknown id')
      await clients.add(plainClient(id))
      await clients.remove(id)
      assertSame(await clients.remove(id), false, 'the answer for a removed one')
    },
  },
  {
    title: 'shows each change to the next find, however often it was found before',
    promise: 'Changes are atomic and seen by the next `find`',
    async check(clients) {
      const id = freshName('seen')
      assertSame(await clients.find(id), undefined, 'the client before it is added')
      await clients.add(saying(id, 'first'))
      assertSame(await clients.find(id), saying(id, 'first'), 'the client once it is added')
      await clients.replace(saying(id, 'second'), 1)
      assertSame(await clients.find(id), saying(id, 'second', 2), 'the client once it is replaced')
      await clients.remove(id)
      assertSame(await clients.find(id), undefined, 'the client once it is removed')
    },
  },
  {
    title: 'shows no half of a change to those who look meanwhile',
    promise: 'Changes are atomic and seen by the next `find`',
    async check(clients) {
      const id = freshName('whole')
      const versionOf = (version: number): Client => saying(id, `version ${version}`, version)
      await clients.add(versionOf(1))
      let changing = true
      const change = async (): Promise<void> => {
        for (let version = 1; version <= CHANGES; version++) await clients.replace(versionOf(version + 1), version)
      }
      const look = async (): Promise<void> => {
        for (let looks = 0; changing && looks < RACERS; looks++) {
          const page = await clients.list({ after: id.slice(0, -1), limit: 100 })
          for (const client of [await clients.find(id), page.clients.find((listed) => listed.id === id)])
            assertSame(client, versionOf(client?.version ?? 0), 'the client while it is replaced')
        }
      }
      await Promise.all([change().finally(() => (changing = false)), look(), look()])
      assertSame(await clients.find(id), versionOf(CHANGES + 1), 'the client in the end')
    },
  },
  {
    title: 'is not changed by changes to what was added or put in its place',
    promise: "What was written does not change with the caller's object",
    async check(clients) {
      const id = freshName('kept')
      const added = structuredClone(fullClient(id))
      await clients.add(added)
      deface(added)
      assertSame(await clients.find(id), fullClient(id), 'the client added')
      const replacement = structuredClone({ ...fullClient(id), name: 'second' })
      await clients.replace(replacement, 7)
      deface(replacement)
      assertSame(
        await clients.find(id),
        { ...fullClient(id), name: 'second', version: 8 },
        'the client put in its place',
      )
    },
  },
]
