import type { Adapter, Clock, EpochSeconds } from '@latchkey/core'
import { systemClock } from '@latchkey/core'
import { checkedCapacity, DEFAULT_CAPACITY } from './capacity.ts'
import { createMemoryClientRegistry } from './memory-client-registry.ts'
import { createMemoryCredentialUses } from './memory-credential-uses.ts'
import { createMemoryReplayGuard } from './memory-replay-guard.ts'
import { createMemoryResourceRegistry } from './memory-resource-registry.ts'
import { createMemorySigningKeyStore } from './memory-signing-key-store.ts'
import { createMemoryStatusIndexes } from './memory-status-indexes.ts'
import { createMemoryTokenStore } from './memory-token-store.ts'

/** What {@link createMemoryAdapter} may be given. */
export interface MemoryAdapterOptions {
  /** How many tokens and revocations it holds at most, together, and how many replay claims. 1 000 000 unless given. */
  readonly tokens?: number
  /** Tells what has expired. The clock of the machine unless given. */
  readonly clock?: Clock
}

/** The ports that memory has: all but those about other nodes and schemas. */
export type MemoryAdapter = Required<Omit<Adapter, 'clientChanges' | 'migrations' | 'warnings'>>

/** Often enough that each sweep is short: it finds what expired within the last second. */
const SWEEP_INTERVAL_MILLISECONDS = 1000

/**
 * Every port there is, in the memory of this process: gone when the process ends, and seen by no other. It sweeps itself
 * every second until it is closed, by a timer that keeps no process alive.
 *
 * @throws TypeError when `tokens` is no whole number above 0.
 */
export function createMemoryAdapter(options: MemoryAdapterOptions = {}): MemoryAdapter {
  const { clock = systemClock } = options
  const capacity = checkedCapacity('tokens', options.tokens ?? DEFAULT_CAPACITY)
  const tokens = createMemoryTokenStore({ capacity, clock })
  const replays = createMemoryReplayGuard({ capacity, clock })

  const statusIndexes = createMemoryStatusIndexes({ clock })

  // One after the other, so that their steps do not add up.
  const sweep = async (now: EpochSeconds): Promise<number> =>
    (await tokens.sweep(now)) + (await replays.sweep(now)) + (await statusIndexes.sweep(now))

  let sweeping: Promise<unknown> | undefined
  const timer = setInterval(() => {
    sweeping ??= sweep(clock.now()).finally(() => {
      sweeping = undefined
    })
  }, SWEEP_INTERVAL_MILLISECONDS)
  timer.unref()

  return {
    clients: createMemoryClientRegistry(),
    resources: createMemoryResourceRegistry(),
    credentialUses: createMemoryCredentialUses(),
    keys: createMemorySigningKeyStore(),
    tokens,
    replays,
    statusIndexes,
    sweeper: { sweep },
    forgetful: true,
    async check() {
      // Memory that this process can run in is well.
    },
    async close() {
      clearInterval(timer)
      await sweeping
    },
  }
}
