import type { CredentialUse, CredentialUses } from '@latchkey/core'
import { assertSame } from './assertions.ts'
import type { AdapterWith, ContractCase } from './contract-case.ts'
import { deface } from './deface.ts'
import { freshName } from './fresh.ts'
import { HOSTILE_STRINGS } from './hostile-strings.ts'
import { RACERS, race } from './race.ts'
import { fullClient } from './samples.ts'

/** The sentences of {@link CredentialUses} that its contract checks. */
export type CredentialUsesPromise =
  | 'The client need not be known, since a batch may come after it has gone'
  | 'Remembers a batch'
  | "What was recorded and what is handed out do not change with the caller's object"
  | 'Of two times for one credential the later one stays, in whatever order they come'
  | 'The last use of each credential of a client, at most one for each'
  | 'empty when none is known, whatever the id holds'

/** The sentences that concern the clients beside them. */
export type CredentialUsesAndClientsPromise = 'Apart from the client: recording it never makes a new version of one'

const sorted = (uses: readonly CredentialUse[]): readonly CredentialUse[] =>
  uses.toSorted((a, b) => (a.credentialId < b.credentialId ? -1 : 1))

/** What every {@link CredentialUses} promises. */
export const credentialUsesContract: readonly ContractCase<CredentialUses, CredentialUsesPromise>[] = [
  {
    title: 'remembers every use of a batch, of several credentials and clients',
    promise: 'Remembers a batch',
    async check(uses) {
      const [one, other] = [freshName('one'), freshName('other')]
      const ofOne = ['Case', '__proto__', 'case'].map((credentialId, index) => ({
        clientId: one,
        credentialId,
        usedAt: 1_700_000_000 + index,
      }))
      const ofOther = { clientId: other, credentialId: 'case', usedAt: 1_600_000_000 }
      await uses.record([...ofOne, ofOther])
      assertSame(sorted(await uses.of(one)), ofOne, 'the uses of the one')
      assertSame(await uses.of(other), [ofOther], 'the uses of the other')
    },
  },
  {
    title: 'takes a batch of nothing',
    promise: 'Remembers a batch',
    async check(uses) {
      await uses.record([])
    },
  },
  {
    title: 'remembers a batch of a thousand',
    promise: 'Remembers a batch',
    async check(uses) {
      const clientId = freshName('busy')
      const batch = Array.from({ length: 1000 }, (_, usedAt) => ({
        clientId,
        credentialId: `credential-${usedAt}`,
        usedAt,
      }))
      await uses.record(batch)
      assertSame(sorted(await uses.of(clientId)), sorted(batch), 'the uses')
    },
  },
  {
    title: 'remembers uses of a client that nobody registered',
    promise: 'The client need not be known, since a batch may come after it has gone',
    async check(uses) {
      const use = { clientId: freshName('gone'), credentialId: freshName('credential'), usedAt: 1 }
      await uses.record([use])
      assertSame(await uses.of(use.clientId), [use], 'the uses')
    },
  },
  {
    title: 'keeps the later time, whichever batch comes last',
    promise: 'Of two times for one credential the later one stays, in whatever order they come',
    async check(uses) {
      const use = { clientId: freshName('used'), credentialId: 'a', usedAt: 0 }
      for (const [usedAt, last] of [
        [200, 200],
        [100, 200],
        [300, 300],
      ] as const) {
        await uses.record([{ ...use, usedAt }])
        assertSame(await uses.of(use.clientId), [{ ...use, usedAt: last }], `the uses after ${usedAt}`)
      }
    },
  },
  {
    title: 'keeps the latest time of a credential that a batch names more than once',
    promise: 'Of two times for one credential the later one stays, in whatever order they come',
    async check(uses) {
      const use = { clientId: freshName('repeated'), credentialId: 'a', usedAt: 0 }
      await uses.record([5, 9, 7].map((usedAt) => ({ ...use, usedAt })))
      assertSame(await uses.of(use.clientId), [{ ...use, usedAt: 9 }], 'the uses')
    },
  },
  {
    title: 'keeps the latest time of fifty batches at once',
    promise: 'Of two times for one credential the later one stays, in whatever order they come',
    async check(uses) {
      const use = { clientId: freshName('raced'), credentialId: 'a', usedAt: 0 }
      // The latest one in the middle, so that neither the first nor the last to write has it.
      await race((racer) => uses.record([{ ...use, usedAt: 1 + ((racer + RACERS / 2) % RACERS) }]))
      assertSame(await uses.of(use.clientId), [{ ...use, usedAt: RACERS }], 'the uses')
    },
  },
  {
    title: 'tells one use of each credential, and none of other clients',
    promise: 'The last use of each credential of a client, at most one for each',
    async check(uses) {
      const clientId = freshName('Case_a')
      const strangers = [clientId.toLowerCase(), clientId.replace('_', '-'), `${clientId}x`, clientId.slice(0, -1)]
      await uses.record([
        ...strangers.map((stranger) => ({ clientId: stranger, credentialId: 'theirs', usedAt: 9 })),
        { clientId, credentialId: 'a', usedAt: 1 },
        { clientId, credentialId: 'b', usedAt: 1 },
      ])
      await uses.record([{ clientId, credentialId: 'a', usedAt: 2 }])
      const expected = [
        { clientId, credentialId: 'a', usedAt: 2 },
        { clientId, credentialId: 'b', usedAt: 1 },
      ]
      assertSame(sorted(await uses.of(clientId)), expected, 'the uses')
    },
  },
  {
    title: 'knows no use of a client that never used one, by hostile ids too',
    promise: 'empty when none is known, whatever the id holds',
    async check(uses) {
      const fresh = freshName('unused')
      for (const clientId of [fresh, ...HOSTILE_STRINGS, ...HOSTILE_STRINGS.map((text) => `${fresh}${text}`)])
        assertSame(await uses.of(clientId), [], `the uses of ${JSON.stringify(clientId)}`)
    },
  },
  {
    title: 'is not changed by changes to what was recorded or handed out',
    promise: "What was recorded and what is handed out do not change with the caller's object",
    async check(uses) {
      const use = { clientId: freshName('kept'), credentialId: 'a', usedAt: 1 }
      const batch = [{ ...use }]
      await uses.record(batch)
      deface(batch)
      assertSame(await uses.of(use.clientId), [use], 'the uses after the batch was changed')
      deface(await uses.of(use.clientId))
      assertSame(await uses.of(use.clientId), [use], 'the uses after what was handed out was changed')
    },
  },
]

/** What {@link CredentialUses} promises about the clients of the same adapter. */
export const credentialUsesAndClientsContract: readonly ContractCase<
  AdapterWith<'clients' | 'credentialUses'>,
  CredentialUsesAndClientsPromise
>[] = [
  {
    title: 'leaves the client and its version as they are',
    promise: 'Apart from the client: recording it never makes a new version of one',
    async check({ clients, credentialUses }) {
      const client = fullClient(freshName('untouched'))
      await clients.add(client)
      await credentialUses.record(
        client.credentials.map(({ id }) => ({ clientId: client.id, credentialId: id, usedAt: 1 })),
      )
      assertSame(await clients.find(client.id), client, 'the client found')
      assertSame(await clients.replace(client, client.version), true, 'the answer to a replacement of the same version')
    },
  },
]
