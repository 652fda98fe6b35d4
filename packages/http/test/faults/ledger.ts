import { CONNECTIONS, type Served } from './served.ts'

/** What the service has acknowledged, as its clients remember it. */
export interface Ledger {
  /** Tokens that were handed out, and that nobody has asked to revoke. */
  readonly active: Set<string>
  /** Tokens whose revocation was asked for, and not acknowledged: either is right. */
  readonly undecided: Set<string>
  /** Tokens whose revocation was acknowledged. */
  readonly revoked: Set<string>
  /** How many tokens were handed out. */
  issued: number
}

/** What the service forgot of it. */
export interface Losses {
  readonly tokens: readonly string[]
  readonly revocations: readonly string[]
}

export const createLedger = (): Ledger => ({
  active: new Set(),
  undecided: new Set(),
  revoked: new Set(),
  issued: 0,
})

/**
 * Asks the service about everything in the ledger.
 *
 * @throws Error when it does not answer a question, since that is no answer.
 */
export async function lossesOf(ledger: Ledger, served: Pick<Served, 'post'>): Promise<Losses> {
  const tokens: string[] = []
  const revocations: string[] = []
  const questions = [
    ...[...ledger.active].map((token) => ({ token, expected: true, lost: tokens })),
    ...[...ledger.revoked].map((token) => ({ token, expected: false, lost: revocations })),
  ].values()
  const worker = async (): Promise<void> => {
    for (const { token, expected, lost } of questions)
      if ((await isActive(served, token)) !== expected) lost.push(token)
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, worker))
  return { tokens, revocations }
}

async function isActive(served: Pick<Served, 'post'>, token: string): Promise<boolean> {
  const reply = await served.post('/oauth2/introspect', { token })
  if (reply?.status !== 200) throw new Error(`introspection is answered with ${reply?.status ?? 'nothing'}`)
  return (JSON.parse(reply.body) as { active: boolean }).active
}
