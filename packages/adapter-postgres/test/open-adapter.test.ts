import { openAdapter } from '@latchkey/adapter-postgres'
import type { Adapter } from '@latchkey/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestSchema, type TestSchema } from './database.ts'
import { startPooler } from './pooler.ts'
import { tokenRecord } from './token-records.ts'
import { until } from './until.ts'

let home: TestSchema
beforeAll(async () => {
  home = await createTestSchema('open_adapter')
})
afterAll(() => home.drop())

const NOWHERE = 'postgres://someone:hush-hush@127.0.0.1:1/database'

/** Opens it for as long as a test takes. */
async function using(url: URL, use: (adapter: Adapter) => Promise<void>): Promise<void> {
  const adapter = await openAdapter(url)
  try {
    await use(adapter)
  } finally {
    await adapter.close()
  }
}

const refusalOf = async (parameters: string): Promise<string> => {
  const outcome: unknown = await openAdapter(new URL(`${NOWHERE}?${parameters}`)).then(
    (adapter) => adapter.close(),
    (error: unknown) => error,
  )
  expect(outcome).toBeInstanceOf(Error)
  return (outcome as Error).message
}

describe('the address of postgres', () => {
  it.each([
    ['schema=Latchkey', '"schema"'],
    ['schema=a%22b', '"schema"'],
    ['schema=', '"schema"'],
    ['pool_size=0', '"pool_size"'],
    ['pool_size=many', '"pool_size"'],
    ['connect_timeout=-1', '"connect_timeout"'],
    ['connect_timeout=1e3', '"connect_timeout"'],
    ['statement_timeout=61', '"statement_timeout"'],
    ['idle_timeout=', '"idle_timeout"'],
    ['synchronous_commit=maybe', '"synchronous_commit" must be one of on, off, local, remote_write, remote_apply'],
    ['prepare=yes', '"prepare"'],
    ['listen=no%20host', '"listen"'],
    ['listen=mysql://host', '"listen"'],
    ['sweep_interval=soon', '"sweep_interval"'],
    ['sslmode=requre', '"sslmode"'],
    ['schema=a&schema=b', '"schema" once'],
    ['options=-c%20fsync=off', '"options"'],
    ['statement_timout=1', '"statement_timout"'],
    ['__proto__=1', '"__proto__"'],
    ['sslmode=verify-full&sslrootcert=/no/such/file', '/no/such/file'],
  ])('refuses %s, names it, and tells no password', async (parameters, named) => {
    const message = await refusalOf(parameters)
    expect(message).toContain(named)
    expect(message).not.toContain('hush-hush')
  })

  it.each(['redis://localhost', 'memory:', 'https://host/database'])('refuses %s', async (address) => {
    await expect(openAdapter(new URL(address))).rejects.toThrow('postgres: addresses, not')
  })

  it('says whose connections they are, unless it is told another name', async () => {
    const namesOf = async () => {
      const { rows } = await home.owner.query('SELECT application_name FROM pg_stat_activity WHERE usename = $1', [
        home.role,
      ])
      return new Set(rows.map(({ application_name }) => application_name))
    }
    await using(home.url(), async (adapter) => {
      await adapter.check()
      expect(await namesOf()).toEqual(new Set(['latchkey']))
    })
    await using(home.url({ application_name: 'mine' }), async (adapter) => {
      await adapter.check()
      await until(async () => (await namesOf()).size === 1)
      expect(await namesOf()).toEqual(new Set(['mine']))
    })
  })

  it('bounds the connections and the statements', async () => {
    await using(home.url({ pool_size: '2', statement_timeout: '0.2' }), async (adapter) => {
      const blocker = await home.owner.connect()
      try {
        await blocker.query(`BEGIN; LOCK TABLE "${home.schema}".tokens IN ACCESS EXCLUSIVE MODE`)
        const saving = adapter.tokens?.save(tokenRecord('blocked'))
        await expect(saving).rejects.toThrow('canceling statement due to statement timeout')
        const { rows } = await home.owner.query('SELECT FROM pg_stat_activity WHERE usename = $1', [home.role])
        expect(rows.length).toBeLessThanOrEqual(2)
      } finally {
        await blocker.query('ROLLBACK')
        blocker.release()
      }
    })
  })
})

describe('an adapter of postgres', () => {
  it('opens while the database is away, fails until it is there, and says so', async () => {
    await using(new URL(NOWHERE), async (adapter) => {
      await expect(adapter.check()).rejects.toThrow('ECONNREFUSED')
      await expect(adapter.tokens?.find(tokenRecord('a').id)).rejects.toThrow('ECONNREFUSED')
      await expect(adapter.migrations?.pending()).rejects.toThrow('ECONNREFUSED')
      await expect(adapter.clientChanges?.subscribe(() => undefined)).rejects.toThrow('ECONNREFUSED')
      expect(adapter.warnings).toEqual([])
    })
  })

  it('finds a database that takes no writes to be wrong', async () => {
    await using(home.url(), async (adapter) => {
      await adapter.check()
      await home.owner.query(`ALTER ROLE "${home.role}" SET default_transaction_read_only = on`)
      try {
        await using(home.url(), async (readOnly) => {
          await expect(readOnly.check()).rejects.toThrow('takes no writes')
          await expect(readOnly.tokens?.save(tokenRecord('a'))).rejects.toThrow('read-only transaction')
          await expect(readOnly.replays?.claim('a', 4_102_444_800)).rejects.toThrow('read-only transaction')
          expect(await readOnly.tokens?.find(tokenRecord('a').id)).toBeUndefined()
        })
      } finally {
        await home.owner.query(`ALTER ROLE "${home.role}" RESET default_transaction_read_only`)
      }
    })
  })

  it('has no connection left once it is closed, a subscription that nobody ended included', async () => {
    const adapter = await openAdapter(home.url())
    await adapter.check()
    await adapter.clientChanges?.subscribe(() => undefined)
    await adapter.close()
    await until(async () => {
      const { rows } = await home.owner.query('SELECT FROM pg_stat_activity WHERE usename = $1', [home.role])
      return rows.length === 0
    })
  })

  it('sweeps itself, and never when it is told not to', async () => {
    const token = tokenRecord('expired', 1)
    const isThere = async () => {
      const { rows } = await home.owner.query(`SELECT FROM "${home.schema}".tokens WHERE expires_at = 1`)
      return rows.length > 0
    }
    await using(home.url({ sweep_interval: '0' }), async (adapter) => {
      await adapter.tokens?.save(token)
      expect(await isThere()).toBe(true)
    })
    await using(home.url({ sweep_interval: '0.05' }), () => until(async () => !(await isThere())))
  })

  it('warns of commits that are not durable', async () => {
    await using(home.url({ synchronous_commit: 'off' }), async ({ warnings = [] }) => {
      expect(warnings.join()).toContain('synchronous_commit=off')
    })
    await using(home.url(), async ({ warnings = [] }) => expect(warnings.join()).not.toContain('synchronous_commit'))
  })
})

describe('through a pooler', () => {
  it('tells of no changes, and says that the bound of the cache applies', async () => {
    const pooler = await startPooler(home.url())
    const url = home.url()
    url.host = `127.0.0.1:${pooler.port}`
    await using(url, async (adapter) => {
      expect(adapter.clientChanges).toBeUndefined()
      expect(adapter.warnings?.join()).toContain('has no parameter "listen"')
      await adapter.tokens?.save(tokenRecord('pooled'))
      expect(await adapter.tokens?.find(tokenRecord('pooled').id)).toEqual(tokenRecord('pooled'))
    })
    await pooler.stop()
  })

  it.each(['host and port', 'whole address'])('tells of changes by the direct address, given as %s', async (form) => {
    const pooler = await startPooler(home.url())
    const direct = home.url()
    const url = home.url({
      listen: form === 'host and port' ? `${direct.hostname}:${direct.port || 5432}` : serverOf(direct),
    })
    url.host = `127.0.0.1:${pooler.port}`
    await using(url, async (adapter) => {
      expect(adapter.warnings?.join()).not.toContain('listen')
      const told: string[] = []
      await adapter.clientChanges?.subscribe((id) => told.push(id))
      await adapter.clients?.remove('nobody')
      await home.owner.query(`SELECT pg_notify('latchkey_clients_${home.schema}', 'somebody')`)
      await until(() => told.includes('somebody'))
    })
    await pooler.stop()
  })

  it('does not listen in vain where a pooler was not noticed at the start', async () => {
    const pooler = await startPooler(home.url())
    const url = home.url({ listen: `127.0.0.1:${pooler.port}` })
    await using(url, async (adapter) => {
      await expect(adapter.clientChanges?.subscribe(() => undefined)).rejects.toThrow('through a pooler')
    })
    await pooler.stop()
  })
})

function serverOf(url: URL): string {
  const server = new URL(url)
  server.search = ''
  return server.href
}
