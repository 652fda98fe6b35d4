import type { SigningKeyRecord, SigningKeyStore } from '@latchkey/core'
import { broken, parsed } from './broken.ts'
import { runOn } from './commands.ts'
import { nonce } from './digest.ts'
import { createKeys } from './keys.ts'
import { inPairs } from './pairs.ts'
import type { RedisPortOptions } from './port-options.ts'
import { createScript } from './script.ts'

const MARK = 'signing-key/1:'

/** The fields of the hash: those of keys begin with this, so that no `kid` is taken for another one. */
const KEY_FIELD = 'key:'

/** KEYS: the set. ARGV: expected generation, next one, call, field of the key, value. */
const ADD = createScript(`
if redis.call('HGET', KEYS[1], 'call') == ARGV[3] then return 1 end
if (redis.call('HGET', KEYS[1], 'generation') or '0') ~= ARGV[1] then return 0 end
if redis.call('HGET', KEYS[1], ARGV[4]) then return 0 end
redis.call('HSET', KEYS[1], 'generation', ARGV[2], 'call', ARGV[3], ARGV[4], ARGV[5])
return 1`)

/** KEYS: the set. ARGV: expected generation, next one, call, field of the key. */
const REMOVE = createScript(`
if redis.call('HGET', KEYS[1], 'call') == ARGV[3] then return 1 end
if (redis.call('HGET', KEYS[1], 'generation') or '0') ~= ARGV[1] then return 0 end
if redis.call('HDEL', KEYS[1], ARGV[4]) == 0 then return 0 end
redis.call('HSET', KEYS[1], 'generation', ARGV[2], 'call', ARGV[3])
return 1`)

const LIST = createScript(`return redis.call('HGETALL', KEYS[1])`)

/**
 * Keeps signing keys in Redis: one hash, so that a set is read as it is at one moment. A change that was sent again, since
 * the answer to the first was lost, knows by its call that it has been made.
 *
 * @throws TypeError when the prefix is wrong.
 */
export function createRedisSigningKeyStore({ client, prefix }: RedisPortOptions): SigningKeyStore {
  const { signingKeys } = createKeys(prefix)
  const run = runOn(client)

  return {
    async list() {
      let generation = 0
      const keys: SigningKeyRecord[] = []
      for (const [field, value] of inPairs(await LIST.run(run, [signingKeys], []), 'signing keys')) {
        if (field === 'generation') generation = generationIn(value)
        else if (field.startsWith(KEY_FIELD)) keys.push(keyIn(field.slice(KEY_FIELD.length), value))
        else if (field !== 'call') throw broken('signing keys')
      }
      if (generation === 0 && keys.length > 0) throw broken('signing keys')
      return { generation, keys }
    },
    async add(key, expectedGeneration) {
      const args = [expectedGeneration, expectedGeneration + 1, nonce(), KEY_FIELD + key.kid]
      return (await ADD.run(run, [signingKeys], [...args, MARK + JSON.stringify(key)])) === 1
    },
    async remove(kid, expectedGeneration) {
      const args = [expectedGeneration, expectedGeneration + 1, nonce(), KEY_FIELD + kid]
      return (await REMOVE.run(run, [signingKeys], args)) === 1
    },
  }
}

function generationIn(value: string): number {
  if (!/^[1-9][0-9]{0,15}$/.test(value)) throw broken('signing keys')
  return Number(value)
}

function keyIn(kid: string, value: string): SigningKeyRecord {
  if (!value.startsWith(MARK)) throw broken('a signing key')
  const key = parsed(value.slice(MARK.length), 'a signing key')
  if (typeof key !== 'object' || key === null || !('kid' in key) || key.kid !== kid) throw broken('a signing key')
  return key as SigningKeyRecord
}
