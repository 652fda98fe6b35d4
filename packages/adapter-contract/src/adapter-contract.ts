import type { Adapter, OpenAdapter } from '@latchkey/core'
import { assertSame, assertThat } from './assertions.ts'
import type { ContractCase } from './contract-case.ts'

/** The sentences of {@link Adapter} that its contract checks. */
export type AdapterPromise = 'what is wrong, within a second' | 'Idempotent'

/** What every {@link Adapter} promises beside its ports. Each case opens adapters of its own, and closes them. */
export const adapterContract: readonly ContractCase<() => Promise<Adapter>, AdapterPromise>[] = [
  {
    title: 'finds nothing wrong with an adapter that has just been opened',
    promise: 'what is wrong, within a second',
    async check(open) {
      const adapter = await open()
      try {
        await adapter.check()
      } finally {
        await adapter.close()
      }
    },
  },
  {
    title: 'is closed twice at once, and once more, without a complaint',
    promise: 'Idempotent',
    async check(open) {
      const adapter = await open()
      await Promise.all([adapter.close(), adapter.close()])
      await adapter.close()
    },
  },
]

/** A module's function and an address that it opens: nothing need listen there, since no case gets as far. */
export interface OpenAdapterSubject {
  readonly openAdapter: OpenAdapter
  readonly url: URL
}

/** The sentences of {@link OpenAdapter} that its contract checks. */
export type OpenAdapterPromise =
  'when a parameter of the address is unknown or wrong, with a message that names it and holds no password'

/** What every {@link OpenAdapter} promises about its address. */
export const openAdapterContract: readonly ContractCase<OpenAdapterSubject, OpenAdapterPromise>[] = [
  {
    title: 'refuses an unknown parameter, names it, and tells no password',
    promise: 'when a parameter of the address is unknown or wrong, with a message that names it and holds no password',
    async check({ openAdapter, url }) {
      const address = new URL(url)
      address.password = 'hush-hush'
      address.searchParams.set('parametre_inconnu', '1')
      const outcome: unknown = await openAdapter(address).then(
        (adapter) => adapter.close(),
        (error: unknown) => error,
      )
      assertThat(outcome instanceof Error, 'the address was opened all the same')
      assertSame(outcome.message.includes('parametre_inconnu'), true, 'whether the message names the parameter')
      assertSame(outcome.message.includes('hush-hush'), false, 'whether the message tells the password')
    },
  },
]
