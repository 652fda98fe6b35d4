import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AccessTokenRecord, Adapter, TokenId } from '@latchkey/core'
import { tokenIdOf } from '@latchkey/core'
import { tokenRecord } from '../token-records.ts'

type Ports = Required<Pick<Adapter, 'tokens' | 'replays'>>

/** What the adapter said was done. What it failed at may be done or not, so that nothing is expected of it. */
interface Acknowledged {
  /** Tokens that nobody tried to revoke. */
  readonly issued: AccessTokenRecord[]
  readonly revoked: TokenId[]
  readonly claimed: string[]
  /** Keys whose claim was won again, later or at the same time. */
  readonly claimedTwice: string[]
  failures: number
}

/** How many of what was acknowledged does not hold. */
export interface Losses {
  readonly issued: number
  readonly revoked: number
  readonly claimed: number
}

export const NOTHING_LOST: Losses = { issued: 0, revoked: 0, claimed: 0 }

const WORKERS = 32
const EXPIRES_AT = 4_102_444_800

/** Issues, revokes and claims without a pause, as many requests at once would, until it is stopped. */
export function startLoad({ tokens, replays }: Ports) {
  const acknowledged: Acknowledged = { issued: [], revoked: [], claimed: [], claimedTwice: [], failures: 0 }
  const { issued, revoked, claimed, claimedTwice } = acknowledged
  let running = true

  async function issueAndRevoke(): Promise<void> {
    const [kept, gone] = [freshRecord(), freshRecord()]
    await Promise.all([tokens.save(kept), tokens.save(gone)])
    issued.push(kept)
    await tokens.revoke(gone.id, EXPIRES_AT)
    revoked.push(gone.id)
  }

  async function claim(): Promise<void> {
    const key = freshText()
    const answers = await Promise.allSettled([replays.claim(key, EXPIRES_AT), replays.claim(key, EXPIRES_AT)])
    const wins = answers.filter((answer) => answer.status === 'fulfilled' && answer.value).length
    if (wins > 1) claimedTwice.push(key)
    if (wins > 0) claimed.push(key)
    const earlier = claimed[Math.floor(Math.random() * claimed.length)]
    if (earlier !== undefined && earlier !== key && (await replays.claim(earlier, EXPIRES_AT)))
      claimedTwice.push(earlier)
  }

  async function work(): Promise<void> {
    while (running) {
      const steps = await Promise.allSettled([issueAndRevoke(), claim()])
      if (steps.every(({ status }) => status === 'fulfilled')) continue
      acknowledged.failures++
      await sleep(5)
    }
  }

  const working = Promise.all(Array.from({ length: WORKERS }, work))
  return {
    acknowledged,
    /** Resolves once so many more of each kind have been acknowledged. */
    async untilMore(count: number): Promise<void> {
      const before = [issued.length, revoked.length, claimed.length]
      while ([issued, revoked, claimed].some(({ length }, index) => length < (before[index] ?? 0) + count))
        await sleep(10)
    },
    async stop(): Promise<Acknowledged> {
      running = false
      await working
      return acknowledged
    },
  }
}

/** Asks for everything that was acknowledged. */
export async function lossesOf(
  { tokens, replays }: Ports,
  { issued, revoked, claimed, claimedTwice }: Acknowledged,
): Promise<Losses> {
  const passesAgain = await missing(claimed, async (key) => !(await replays.claim(key, EXPIRES_AT)))
  return {
    issued: (await missing(issued, async ({ id }) => (await tokens.find(id)) !== undefined)).length,
    revoked: (await missing(revoked, (id) => tokens.isRevoked(id))).length,
    claimed: new Set([...claimedTwice, ...passesAgain]).size,
  }
}

/** For whoever reads the run: what was acknowledged, and what of it was lost. */
export function told(title: string, { issued, revoked, claimed, failures }: Acknowledged, losses: Losses): string {
  const counts = [
    `${issued.length} issued (${losses.issued} lost)`,
    `${revoked.length} revoked (${losses.revoked} lost)`,
    `${claimed.length} claimed (${losses.claimed} passed twice)`,
  ]
  return `${title}: ${counts.join(', ')}; ${failures} rounds failed`
}

async function missing<Item>(items: readonly Item[], holds: (item: Item) => Promise<boolean>): Promise<Item[]> {
  const lost: Item[] = []
  for (let start = 0; start < items.length; start += 500) {
    const some = items.slice(start, start + 500)
    const answers = await Promise.all(some.map(holds))
    lost.push(...some.filter((_, index) => answers[index] !== true))
  }
  return lost
}

const freshText = (): string => randomBytes(16).toString('base64url')

const freshRecord = (): AccessTokenRecord => {
  const name = freshText()
  return { ...tokenRecord(name, EXPIRES_AT), id: tokenIdOf(name) }
}
