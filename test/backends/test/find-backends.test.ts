import { findBackends } from '@latchkey/test-backends'
import { describe, expect, it } from 'vitest'
import { decideBackend, LOCAL, type Machine } from '../src/decide-backends.mjs'

/** A machine that has nothing, but for what is said; and what was done on it. */
function machine(having: Partial<Machine> & { answering?: readonly string[] } = {}) {
  const done: string[] = []
  const { answering = [], ...rest } = having
  const bare: Machine = {
    environment: {},
    answers: async (_name, url) => answering.includes(url),
    binaries: () => ({ postgres: undefined, redis: undefined }),
    startPrivate: async (name) => {
      done.push(`start ${name}`)
      return { url: `${name}://private`, stop: async () => void done.push(`stop ${name}`) }
    },
    hasDocker: () => false,
    composeUp: (name) => {
      done.push(`compose up ${name}`)
      return { stop: async () => void done.push(`compose stop ${name}`) }
    },
    mayInstall: () => false,
    install: (names) => void done.push(`apt-get install ${names.join(' ')}`),
    ...rest,
  }
  return { bare, done }
}

const POSTGRES = LOCAL.postgres[0] ?? ''

describe('a backend for the tests', () => {
  it('is the one that the environment names', async () => {
    const { bare, done } = machine({
      environment: { TEST_POSTGRES_URL: 'postgres://named' },
      answering: ['postgres://named', POSTGRES],
    })
    expect(await decideBackend('postgres', bare)).toMatchObject({ url: 'postgres://named', way: 'TEST_POSTGRES_URL' })
    expect(done).toEqual([])
  })

  it('is no other when the one that the environment names does not serve', async () => {
    const { bare } = machine({ environment: { TEST_REDIS_URL: 'redis://:secret@gone' }, answering: [...LOCAL.redis] })
    await expect(decideBackend('redis', bare)).rejects.toThrow('TEST_REDIS_URL names a redis that does not serve')
  })

  it('is the one that answers on the standard port, with whatever name it takes', async () => {
    for (const url of LOCAL.postgres)
      expect(await decideBackend('postgres', machine({ answering: [url] }).bare)).toMatchObject({
        url,
        way: 'the one on port 5432',
      })
  })

  it('is started privately where there is a binary, and stopped', async () => {
    const { bare, done } = machine({
      binaries: () => ({ postgres: '/bin/postgres', redis: undefined }),
      hasDocker: () => true,
    })
    const { way, stop } = await decideBackend('postgres', bare)
    await stop()
    expect([way, ...done]).toEqual(['started privately', 'start postgres', 'stop postgres'])
  })

  it('is started by docker where there is no binary, and stopped', async () => {
    let isUp = false
    const { bare, done } = machine({
      answers: async () => isUp,
      hasDocker: () => true,
      mayInstall: () => true,
    })
    const composeUp: Machine['composeUp'] = (name) => {
      isUp = true
      return bare.composeUp(name)
    }
    const { way, url, stop } = await decideBackend('postgres', { ...bare, composeUp })
    await stop()
    expect([way, url]).toEqual(['docker compose up --wait', POSTGRES])
    expect(done).toEqual(['compose up postgres', 'compose stop postgres'])
  })

  it('is an error when docker has started what does not serve', async () => {
    const { bare, done } = machine({ hasDocker: () => true })
    await expect(decideBackend('redis', bare)).rejects.toThrow('docker compose has started redis, which does not serve')
    expect(done).toEqual(['compose up redis', 'compose stop redis'])
  })

  it('is installed where nothing else is there and root may, and says so', async () => {
    const { bare, done } = machine({ mayInstall: () => true })
    const { way } = await decideBackend('redis', bare)
    expect(way).toBe('installed by apt-get install redis-server, started privately')
    expect(done).toEqual(['apt-get install redis', 'start redis'])
  })

  it('is never gone without: what to install is named', async () => {
    await expect(decideBackend('postgres', machine().bare)).rejects.toThrow(
      /apt-get install postgresql\b.*, or docker$/,
    )
    await expect(decideBackend('redis', machine().bare)).rejects.toThrow(/apt-get install redis-server\b.*, or docker$/)
  })

  it('is stopped when the other one is not to be had', async () => {
    const { bare, done } = machine({ binaries: () => ({ postgres: '/bin/postgres', redis: undefined }) })
    await expect(findBackends(bare)).rejects.toThrow('there is no redis for the tests')
    expect(done).toEqual(['start postgres', 'stop postgres'])
  })
})
