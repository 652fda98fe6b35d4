import type { Run } from './commands.ts'
import type { Keys } from './keys.ts'
import { createScript } from './script.ts'

/** Asks Redis which of these commands its user may not run, without running one. Each is a list whose length comes first. */
const MISSING = createScript(`
local missing = {}
local index = 1
while index <= #ARGV do
  local length = tonumber(ARGV[index])
  local command = {}
  for word = 1, length do command[word] = ARGV[index + word] end
  if not redis.acl_check_cmd(unpack(command)) then
    missing[#missing + 1] = command[1] .. ' ' .. command[2]
  end
  index = index + length + 1
end
return missing`)

/** What the ports run, on keys and channels as they use them. */
const neededBy = (keys: Keys, waitReplicas: number): readonly (readonly string[])[] => [
  ['get', keys.token('')],
  ['set', keys.token(''), ''],
  ['pttl', keys.token('')],
  ['get', keys.claim('')],
  ['set', keys.claim(''), ''],
  ['get', keys.client('')],
  ['mget', keys.client('')],
  ['set', keys.client(''), ''],
  ['exists', keys.client('')],
  ['del', keys.client('')],
  ['zscore', keys.clientIds, ''],
  ['zadd', keys.clientIds, '0', ''],
  ['zrem', keys.clientIds, ''],
  ['zrange', keys.clientIds, '-', '+'],
  ['hget', keys.uses(''), ''],
  ['hset', keys.uses(''), '', ''],
  ['hgetall', keys.uses('')],
  ['hget', keys.signingKeys, ''],
  ['hset', keys.signingKeys, '', ''],
  ['hdel', keys.signingKeys, ''],
  ['hgetall', keys.signingKeys],
  ['hget', keys.resources, ''],
  ['hset', keys.resources, '', ''],
  ['hdel', keys.resources, ''],
  ['hgetall', keys.resources],
  ['get', keys.resourceRemoval('')],
  ['set', keys.resourceRemoval(''), ''],
  ['hget', keys.openStatusList, ''],
  ['hset', keys.openStatusList, '', ''],
  ['get', keys.statusList('')],
  ['set', keys.statusList(''), ''],
  ['exists', keys.statusList('')],
  ['pttl', keys.statusList('')],
  ['pexpire', keys.statusList(''), '1'],
  ['setbit', keys.statusList(''), '0', '1'],
  ['eval', '', '1', keys.uses('')],
  ['evalsha', '', '1', keys.uses('')],
  ['publish', keys.changes, ''],
  ['subscribe', keys.changes],
  ...(waitReplicas > 0 ? [['wait', '0', '0']] : []),
]

/**
 * Makes sure that the user of the connection may do all that the ports do.
 *
 * @throws Error that names every right it lacks.
 */
export async function checkRights(run: Run, keys: Keys, waitReplicas: number): Promise<void> {
  const args = neededBy(keys, waitReplicas).flatMap((command) => [command.length, ...command])
  const missing = await MISSING.run(run, [], args)
  if (!Array.isArray(missing)) throw new Error('Redis does not tell the rights of its user')
  if (missing.length > 0) throw new Error(`the user of Redis lacks rights: ${missing.join(', ')}`)
}
