import { setTimeout as sleep } from 'node:timers/promises'
import { createLedger, type Ledger } from './ledger.ts'
import { CONNECTIONS, type Reply, type Served } from './served.ts'

/** Two of three tokens are revoked. */
const REVOKED_OF_THREE = 2

/** How long a load may take to get anywhere, on a busy machine. */
const PATIENCE_MS = 120_000

/** Clients that ask for tokens, and revoke them, without a break. */
export interface Load {
  readonly ledger: Ledger
  /** Every answer that was neither 200 nor missing. */
  readonly refusals: readonly Reply[]
  /** How many requests got no answer, or only part of one. */
  readonly unanswered: () => number
  /** Resolves when so many more tokens, and so many more revocations, have been acknowledged. */
  acknowledges(count: number): Promise<void>
  /** Resolves when so many more requests were refused. */
  refuses(count: number): Promise<void>
  /** Resolves once every request under way has its answer. */
  stop(): Promise<void>
}

export function startLoad(served: Pick<Served, 'post' | 'log'>): Load {
  const ledger = createLedger()
  const refusals: Reply[] = []
  let unanswered = 0
  let stopped = false

  /** Whether it was acknowledged. */
  const accepted = async (reply: Reply | undefined): Promise<boolean> => {
    if (reply?.status === 200) return true
    if (reply === undefined) unanswered++
    else refusals.push(reply)
    // Whoever is refused does not ask again at once.
    await sleep(10)
    return false
  }

  const worker = async (): Promise<void> => {
    for (let turn = 0; !stopped; turn++) {
      const reply = await served.post('/oauth2/token', { grant_type: 'client_credentials' })
      if (!(await accepted(reply))) continue
      const { access_token: token } = JSON.parse(reply?.body ?? '') as { access_token: string }
      ledger.active.add(token)
      ledger.issued++
      if (turn % 3 >= REVOKED_OF_THREE) continue
      ledger.active.delete(token)
      ledger.undecided.add(token)
      if (!(await accepted(await served.post('/oauth2/revoke', { token })))) continue
      ledger.undecided.delete(token)
      ledger.revoked.add(token)
    }
  }
  const workers = Promise.all(Array.from({ length: CONNECTIONS }, worker))

  const until = async (what: string, holds: () => boolean): Promise<void> => {
    const deadline = Date.now() + PATIENCE_MS
    while (!holds()) {
      if (Date.now() > deadline) throw new Error(`it does not come to ${what}: ${served.log()}`)
      await sleep(5)
    }
  }

  return {
    ledger,
    refusals,
    unanswered: () => unanswered,
    acknowledges(count) {
      const issued = ledger.issued + count
      const revoked = ledger.revoked.size + count
      return until(`${count} tokens and revocations`, () => ledger.issued >= issued && ledger.revoked.size >= revoked)
    },
    refuses(count) {
      const refused = refusals.length + count
      return until(`${count} refusals`, () => refusals.length >= refused)
    },
    async stop() {
      stopped = true
      await workers
    },
  }
}
