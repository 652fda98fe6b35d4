import { createHash, randomBytes } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { openAdapter } from '../../packages/adapter-memory/dist/index.js'

const sha256 = (value) => createHash('sha256').update(value).digest('base64url')

/** The limit of memory: what no implementation is without, the two hashes, the random bytes and a `Map`. */
export async function openMemory() {
  const adapter = await openAdapter(new URL('memory:?tokens=20000000'))
  const kept = new Map()
  return {
    name: 'memory',
    version: `Node ${process.version}`,
    adapter,
    limits: () => [
      {
        name: 'two hashes, random bytes and a Map',
        async save(record) {
          sha256('a secret of forty-three characters, or about')
          kept.set(sha256(randomBytes(32).toString('base64url')), record)
        },
        async find(id) {
          sha256('a secret of forty-three characters, or about')
          sha256(id)
          return kept.get(id)
        },
        keep: (record) => kept.set(record.id, record),
      },
    ],
    async fill(count, record) {
      for (let number = 0; number < count; number += 1) {
        await adapter.tokens.save({ ...record, id: randomBytes(32).toString('base64url') })
        // As between requests: whatever else waits has its turn.
        if (number % 64 === 0) await setImmediate()
      }
    },
    async expire(count, record) {
      for (let number = 0; number < count; number += 1)
        await adapter.tokens.save({ ...record, id: randomBytes(32).toString('base64url'), expiresAt: 1 })
    },
    forget: () => adapter.sweeper.sweep(Math.floor(Date.now() / 1000)),
    close: () => adapter.close(),
  }
}
