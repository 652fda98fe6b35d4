import { openAdapter } from '@latchkey/adapter-redis'
import { startRedis } from '@latchkey/test-backends'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { documentedUser } from './documented-rights.ts'

let server: Awaited<ReturnType<typeof startRedis>>
let redis: Redis

beforeAll(async () => {
  server = await startRedis({ acl: ['user default on nopass ~* &* +@all', documentedUser()] })
  redis = new Redis(server.port)
})
afterAll(async () => {
  await redis.quit()
  await server.stop()
})

const open = (parameters = '', user = '') =>
  openAdapter(new URL(`redis://${user}127.0.0.1:${server.port}?${parameters}`))

/** What opening says, and nothing is left open. */
async function refusalOf(opening: ReturnType<typeof open>): Promise<string> {
  const outcome = await opening.then(
    (adapter) => adapter.close(),
    (error: unknown) => error,
  )
  return outcome instanceof Error ? outcome.message : ''
}

describe('the eviction policy of Redis', () => {
  afterAll(() => redis.config('SET', 'maxmemory-policy', 'noeviction'))

  it.each(['allkeys-lru', 'volatile-ttl', 'allkeys-random'])(
    'is refused when it is %s, with what to do',
    async (policy) => {
      await redis.config('SET', 'maxmemory-policy', policy)
      const refusal = await refusalOf(open())
      expect(refusal).toContain(`maxmemory-policy of Redis is ${policy}`)
      expect(refusal).toContain('noeviction')
      expect(refusal).toContain('dangerously_allow_eviction=true')
    },
  )

  it('is warned of where it is allowed all the same', async () => {
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru')
    const adapter = await open('dangerously_allow_eviction=true')
    expect(adapter.warnings).toContainEqual(expect.stringContaining('allkeys-lru'))
    await adapter.close()
  })
})

describe('the append-only file of Redis', () => {
  afterAll(() => redis.config('SET', 'appendonly', 'no'))

  it('is missed by a warning that says what a restart may forget', async () => {
    const adapter = await open()
    expect(adapter.warnings).toEqual([expect.stringMatching(/append-only file.*revoked tokens are active/)])
    await adapter.close()
  })

  it('leaves nothing to warn of', async () => {
    await redis.config('SET', 'appendonly', 'yes')
    const adapter = await open()
    expect(adapter.warnings).toEqual([])
    await adapter.close()
  })
})

describe('a right of the user of Redis', () => {
  const user = documentedUser().split(' ')
  const commands = user.filter((word) => word.startsWith('+') && !word.includes('|'))
  const become = (words: readonly string[]) => redis.call('ACL', 'SETUSER', ...words.slice(1))
  afterAll(() => become(user))

  it('is one of many', () => expect(commands.length).toBeGreaterThan(15))

  it.each(commands)('is missed by its name: %s', async (command) => {
    await become(['user', 'latchkey', 'reset', ...user.slice(2).filter((word) => word !== command)])
    expect(await refusalOf(open('', 'latchkey:password@'))).toMatch(new RegExp(`${command.slice(1)}\\b`))
  })

  it.each([
    ['~latchkey:*', '~other:*', 'get latchkey:token:'],
    ['&latchkey:*', '&other:*', 'publish latchkey:'],
  ])('is missed by its name: %s', async (pattern, other, missing) => {
    const words = user.slice(2).map((word) => (word === pattern ? other : word))
    await become(['user', 'latchkey', 'reset', ...words])
    expect(await refusalOf(open('', 'latchkey:password@'))).toContain(missing)
  })

  it('to wait for replicas is missed only where they are waited for', async () => {
    await become(['user', 'latchkey', 'reset', ...user.slice(2)])
    expect(await refusalOf(open('', 'latchkey:password@'))).toBe('')
    expect(await refusalOf(open('wait_replicas=1', 'latchkey:password@'))).toContain('wait')
  })
})

describe('an address where nothing can be opened', () => {
  it('tells where nobody listens', async () => {
    const refusal = await refusalOf(openAdapter(new URL('redis://user:hush-hush@127.0.0.1:1')))
    expect(refusal).toContain('cannot connect to Redis at 127.0.0.1:1')
    expect(refusal).not.toContain('hush-hush')
  })

  it('tells that a password is wrong, and not which one it was', async () => {
    const refusal = await refusalOf(open('', 'latchkey:hush-hush@'))
    expect(refusal).toContain('WRONGPASS')
    expect(refusal).not.toContain('hush-hush')
  })

  it('tells that it is no Cluster', async () => {
    expect(await refusalOf(open('cluster=true'))).toContain('cluster support disabled')
  })
})
