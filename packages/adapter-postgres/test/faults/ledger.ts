import type { AccessTokenRecord, Adapter, ReplayGuard, TokenStore } from '@latchkey/core'
import { tokenRecord } from '../token-records.ts'

const LIVE = 4_102_444_800

/** An adapter that has what the token path needs. */
export type TokenPath = Adapter & { readonly tokens: TokenStore; readonly replays: ReplayGuard }

/** What a backend has acknowledged, and nothing that it has not. */
export interface Ledger {
  readonly issued: Map<string, AccessTokenRecord>
  readonly revoked: Set<string>
  /** How often each key has passed; 0 for one whose answer was never heard. */
  readonly claims: Map<string, number>
  failures: number
}

/** What of a ledger does not hold any more. */
export interface Losses {
  readonly tokens: readonly string[]
  readonly revocations: readonly string[]
  /** Keys that have passed more than once. */
  readonly replays: readonly string[]
}

export const emptyLedger = (): Ledger => ({ issued: new Map(), revoked: new Set(), claims: new Map(), failures: 0 })

/** What is kept of a ledger at one moment, in numbers. */
export const countsOf = ({ issued, revoked, claims }: Ledger) => ({
  issued: issued.size,
  revoked: revoked.size,
  claimed: [...claims.values()].filter((passed) => passed > 0).length,
})

/** Issues, revokes and claims without a pause until it is told to stop, whatever the backend does meanwhile. */
export function startLoad({ tokens, replays }: TokenPath, ledger: Ledger, callers = 48) {
  let stopped = false
  let sequence = 0

  async function call(): Promise<void> {
    while (!stopped) {
      const number = sequence++
      const name = `token ${number}`
      const record = tokenRecord(name)
      try {
        await tokens.save(record)
        ledger.issued.set(name, record)
        ledger.claims.set(name, 0)
        if (await replays.claim(name, LIVE)) ledger.claims.set(name, 1)
        // Each second one, so that as many are left to be found.
        if (number % 2 === 0) continue
        await tokens.revoke(record.id, LIVE)
        ledger.revoked.add(name)
      } catch {
        ledger.failures++
        // A backend that refuses at once would be asked without an end.
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    }
  }

  const calls = Promise.all(Array.from({ length: callers }, call))
  return {
    async stop(): Promise<void> {
      stopped = true
      await calls
    },
  }
}

/** Asks for everything that was acknowledged. Whoever was revoked without an answer may be found or not. */
export async function lossesOf({ tokens, replays }: TokenPath, ledger: Ledger): Promise<Losses> {
  const lost: string[] = []
  const undone: string[] = []
  const replayed: string[] = []
  for (const part of inParts([...ledger.issued], 500))
    await Promise.all(
      part.map(async ([name, record]) => {
        const found = await tokens.find(record.id)
        const isRevoked = await tokens.isRevoked(record.id)
        if (ledger.revoked.has(name)) {
          if (found !== undefined || !isRevoked) undone.push(name)
        } else if (!isRevoked && JSON.stringify(found) !== JSON.stringify(reordered(record))) lost.push(name)
      }),
    )
  for (const part of inParts([...ledger.claims], 500))
    await Promise.all(
      part.map(async ([key, passed]) => {
        const passedNow = await replays.claim(key, LIVE)
        if (passed + Number(passedNow) > 1) replayed.push(key)
      }),
    )
  return { tokens: lost, revocations: undone, replays: replayed }
}

/** The id comes last in what is found. */
const reordered = ({ id, ...rest }: AccessTokenRecord): AccessTokenRecord => ({ ...rest, id })

const inParts = <Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, part) => items.slice(part * size, (part + 1) * size))
