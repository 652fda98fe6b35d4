import type { Resource, ResourceRegistry } from '@latchkey/core'
import { broken, parsed } from './broken.ts'
import { runOn } from './commands.ts'
import { digestOf, nonce } from './digest.ts'
import { createKeys } from './keys.ts'
import { inPairs } from './pairs.ts'
import type { RedisPortOptions } from './port-options.ts'
import { createScript } from './script.ts'

const MARK = 'resource/1:'

/** In Lua: takes the version and the call out of a value, or nothing where it cannot be read. */
const PATTERN = `^${MARK}(%d+):([^:]+):`
const HEAD = new RegExp(`^${MARK}\\d+:[^:]+:`)

/** Each knows by its call that it has won, where it was sent again since the answer to the first was lost. */

/** KEYS: the hash. ARGV: field, call, value. */
const ADD = createScript(`
local value = redis.call('HGET', KEYS[1], ARGV[1])
if value then
  local version, call = string.match(value, '${PATTERN}')
  if not version then return redis.error_reply('BROKEN the record of a resource cannot be read') end
  return call == ARGV[2] and 1 or 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1`)

/** KEYS: the hash. ARGV: field, call, value, expected version. */
const REPLACE = createScript(`
local value = redis.call('HGET', KEYS[1], ARGV[1])
if not value then return 0 end
local version, call = string.match(value, '${PATTERN}')
if not version then return redis.error_reply('BROKEN the record of a resource cannot be read') end
if call == ARGV[2] then return 1 end
if version ~= ARGV[4] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1`)

/** KEYS: the hash, the removal. ARGV: field, call. A record that cannot be read can be removed all the same. */
const REMOVE = createScript(`
if redis.call('GET', KEYS[2]) == ARGV[2] then return 1 end
if not redis.call('HGET', KEYS[1], ARGV[1]) then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'EX', 60)
redis.call('HDEL', KEYS[1], ARGV[1])
return 1`)

const LIST = createScript(`return redis.call('HGETALL', KEYS[1])`)

/**
 * Keeps resources in Redis: one hash, whose fields are digests of the identifiers. Each change is one script.
 *
 * @throws TypeError when the prefix is wrong.
 */
export function createRedisResourceRegistry({ client, prefix }: RedisPortOptions): ResourceRegistry {
  const keys = createKeys(prefix)
  const run = runOn(client)

  return {
    async find(identifier) {
      const field = digestOf(identifier)
      const value = await run('HGET', keys.resources, field)
      return value === null ? undefined : resourceIn(field, value)
    },
    async add(resource) {
      const call = nonce()
      const args = [digestOf(resource.identifier), call, resourceValue(resource, call)]
      return (await ADD.run(run, [keys.resources], args)) === 1
    },
    async replace(resource, expectedVersion) {
      const call = nonce()
      const value = resourceValue({ ...resource, version: expectedVersion + 1 }, call)
      const args = [digestOf(resource.identifier), call, value, expectedVersion]
      return (await REPLACE.run(run, [keys.resources], args)) === 1
    },
    async remove(identifier) {
      const touched = [keys.resources, keys.resourceRemoval(identifier)]
      return (await REMOVE.run(run, touched, [digestOf(identifier), nonce()])) === 1
    },
    async list() {
      const pairs = inPairs(await LIST.run(run, [keys.resources], []), 'resources')
      const resources = pairs.map(([field, value]) => resourceIn(field, value))
      return resources.sort((a, b) => (a.identifier < b.identifier ? -1 : 1))
    },
  }
}

/** Beside the resource, what a script must know of it: its version, and the call that wrote it. */
const resourceValue = (resource: Resource, call: string): string =>
  `${MARK}${resource.version}:${call}:${JSON.stringify(resource)}`

function resourceIn(field: string, value: unknown): Resource {
  const head = typeof value === 'string' ? HEAD.exec(value)?.[0] : undefined
  if (typeof value !== 'string' || head === undefined) throw broken('a resource')
  const resource = parsed(value.slice(head.length), 'a resource')
  if (typeof resource !== 'object' || resource === null || !('identifier' in resource)) throw broken('a resource')
  if (typeof resource.identifier !== 'string' || digestOf(resource.identifier) !== field) throw broken('a resource')
  return resource as Resource
}
