import type { CredentialUse, CredentialUses } from '@latchkey/core'
import { broken } from './broken.ts'
import { runOn } from './commands.ts'
import { createKeys } from './keys.ts'
import { inPairs } from './pairs.ts'
import type { RedisPortOptions } from './port-options.ts'
import { createScript } from './script.ts'

/** KEYS: the uses of one client. ARGV: credential, time, credential, time and so on. */
const RECORD = createScript(`
for index = 1, #ARGV, 2 do
  local before = redis.call('HGET', KEYS[1], ARGV[index])
  if before and not tonumber(before) then
    return redis.error_reply('BROKEN the record of a use cannot be read')
  end
  if not before or tonumber(before) < tonumber(ARGV[index + 1]) then
    redis.call('HSET', KEYS[1], ARGV[index], ARGV[index + 1])
  end
end
return 1`)

/** How many uses one script writes: a fraction of a millisecond in which Redis does nothing else. */
const MOST_AT_ONCE = 250

/**
 * Keeps the last use of each credential in Redis: a hash for each client.
 *
 * @throws TypeError when the prefix is wrong.
 */
export function createRedisCredentialUses({ client, prefix }: RedisPortOptions): CredentialUses {
  const keys = createKeys(prefix)
  const run = runOn(client)

  return {
    async record(uses) {
      const writes = [...byClient(uses)].flatMap(([clientId, args]) =>
        chunksOf(args, 2 * MOST_AT_ONCE).map((chunk) => RECORD.run(run, [keys.uses(clientId)], chunk)),
      )
      await Promise.all(writes)
    },
    async of(clientId) {
      const fields = await ALL.run(run, [keys.uses(clientId)], [])
      return inPairs(fields, 'uses').map(([credentialId, usedAt]) => useOf(clientId, credentialId, usedAt))
    },
  }
}

const ALL = createScript(`return redis.call('HGETALL', KEYS[1])`)

function byClient(uses: readonly CredentialUse[]): Map<string, (string | number)[]> {
  const argsOf = new Map<string, (string | number)[]>()
  for (const { clientId, credentialId, usedAt } of uses) {
    const args = argsOf.get(clientId) ?? []
    argsOf.set(clientId, args)
    args.push(credentialId, usedAt)
  }
  return argsOf
}

const chunksOf = <Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size))

function useOf(clientId: string, credentialId: string, usedAt: string): CredentialUse {
  if (!/^\d+$/.test(usedAt)) throw broken('a use')
  return { clientId, credentialId, usedAt: Number(usedAt) }
}
