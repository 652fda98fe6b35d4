import { createPostgresClientChanges, createPostgresClientRegistry } from '@latchkey/adapter-postgres'
import { defineClient } from '@latchkey/core'
import { startFaultProxy } from '@latchkey/test-backends'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestSchema, type TestSchema } from './database.ts'
import { until } from './until.ts'

let home: TestSchema
let another: TestSchema
beforeAll(async () => {
  ;[home, another] = await Promise.all([createTestSchema('changes'), createTestSchema('other_changes')])
})
afterAll(() => Promise.all([home.drop(), another.drop()]))

const connectionOf = (url: URL) => () => {
  const address = new URL(url)
  address.search = ''
  return new Client({ connectionString: address.href })
}

describe('changes of clients, told by postgres', () => {
  it('begin with all, since nobody knows what was before', async () => {
    const told: string[] = []
    const end = await createPostgresClientChanges(connectionOf(home.url()), home).subscribe((id) => told.push(id))
    expect(told).toEqual(['all'])
    await end()
  })

  it('are those of one schema', async () => {
    const told: string[] = []
    const end = await createPostgresClientChanges(connectionOf(home.url()), home).subscribe((id) => told.push(id))
    await createPostgresClientRegistry(another.owner, another).add(defineClient({ id: 'theirs' }))
    await createPostgresClientRegistry(home.owner, home).add(defineClient({ id: 'ours' }))
    await until(() => told.includes('ours'))
    expect(told).not.toContain('theirs')
    await end()
  })

  it('are not told where nothing changed', async () => {
    const told: string[] = []
    const end = await createPostgresClientChanges(connectionOf(home.url()), home).subscribe((id) => told.push(id))
    const clients = createPostgresClientRegistry(home.owner, home)
    await clients.add(defineClient({ id: 'once' }))
    await clients.add(defineClient({ id: 'once' }))
    await clients.replace(defineClient({ id: 'once' }), 7)
    await clients.remove('never')
    await clients.add(defineClient({ id: 'last' }))
    await until(() => told.includes('last'))
    expect(told).toEqual(['all', 'once', 'last'])
    await end()
  })

  it('are heard again after the connection was terminated, beginning with all', async () => {
    const told: string[] = []
    const end = await createPostgresClientChanges(connectionOf(home.url()), home).subscribe((id) => told.push(id))
    await home.owner.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [home.role])
    await until(() => told.length === 2)
    expect(told).toEqual(['all', 'all'])
    await createPostgresClientRegistry(home.owner, home).add(defineClient({ id: 'afterwards' }))
    await until(() => told.includes('afterwards'))
    await end()
  })

  it('are heard again after a network that swallows everything without a word, and after one that refuses', async () => {
    const proxy = await startFaultProxy({ to: Number(home.url().port || 5432) })
    const url = home.url()
    url.host = `127.0.0.1:${proxy.port}`
    const told: string[] = []
    const changes = createPostgresClientChanges(connectionOf(url), {
      schema: home.schema,
      probeEvery: 50,
      patience: 200,
    })
    const end = await changes.subscribe((id) => told.push(id))
    for (const fault of [proxy.swallow, proxy.refuse]) {
      told.length = 0
      fault()
      await createPostgresClientRegistry(home.owner, home).add(defineClient({ id: `missed-${fault.name}` }))
      // The silence is noticed, though nobody said that the connection is gone.
      await new Promise((resolve) => setTimeout(resolve, 500))
      expect(told).toEqual([])
      proxy.heal()
      await until(() => told.includes('all'))
      await createPostgresClientRegistry(home.owner, home).add(defineClient({ id: `heard-${fault.name}` }))
      await until(() => told.includes(`heard-${fault.name}`))
    }
    await end()
    await proxy.stop()
  })

  it('end while the database is away', async () => {
    const proxy = await startFaultProxy({ to: Number(home.url().port || 5432) })
    const url = home.url()
    url.host = `127.0.0.1:${proxy.port}`
    const changes = createPostgresClientChanges(connectionOf(url), {
      schema: home.schema,
      probeEvery: 50,
      patience: 200,
    })
    const end = await changes.subscribe(() => undefined)
    proxy.swallow()
    await Promise.all([end(), end()])
    await proxy.stop()
  })
})
