import type { ServerFacts } from './server-facts.ts'

/** The parameter of the address that lets Redis forget what it must not, named for what it means. */
export const ALLOW_EVICTION = 'dangerously_allow_eviction'

/**
 * Whether tokens can be trusted to these servers.
 *
 * @returns what an operator should know all the same, a sentence each.
 * @throws Error when one is too old, or would throw away what has not expired.
 */
export function checkFitness(servers: readonly ServerFacts[], allowEviction: boolean): readonly string[] {
  const warnings = new Set<string>()
  for (const { version, evictionPolicy, appendOnly } of servers) {
    if (version !== undefined && Number.parseInt(version, 10) < 7)
      throw new Error(`Redis 7.0 or later is needed, and this is ${version}`)
    if (evictionPolicy !== 'noeviction') {
      const problem = evictionProblem(evictionPolicy)
      if (!allowEviction)
        throw new Error(
          `${problem}; set maxmemory-policy to noeviction, or take the risk with ${ALLOW_EVICTION}=true in its address`,
        )
      warnings.add(`${problem}, as ${ALLOW_EVICTION} allows`)
    }
    if (appendOnly !== true) warnings.add(restartWarning(appendOnly))
  }
  return [...warnings]
}

const evictionProblem = (policy: string | undefined): string =>
  policy === undefined
    ? 'Redis does not tell its maxmemory-policy, so it may evict tokens, revocations and replay claims that have not expired'
    : `the maxmemory-policy of Redis is ${policy}, which evicts tokens, revocations and replay claims that have not expired`

const restartWarning = (appendOnly: false | undefined): string =>
  `Redis ${appendOnly === false ? 'writes no append-only file' : 'does not tell whether it writes an append-only file'}: ` +
  'a restart may forget tokens, revocations and replay claims, so that revoked tokens are active and used assertions ' +
  'count again; set appendonly to yes'
