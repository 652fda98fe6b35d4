import { openAdapter } from '@latchkey/adapter-redis'
import type { Adapter } from '@latchkey/core'
import { startRedis } from '@latchkey/test-backends'
import { expect, it } from 'vitest'
import { lossesOf, NOTHING_LOST, startLoad, told } from './load.ts'
import { until } from './until.ts'

/** How many of each kind are acknowledged before the kill, and again after it. */
const EACH_SIDE = 1000

/** Kills Redis under load and starts it again, without a pause for those who ask. */
async function crash(title: string, config: Readonly<Record<string, string>>) {
  const server = await startRedis({ config })
  const adapter = (await openAdapter(new URL(server.url))) as Required<Adapter>
  try {
    const load = startLoad(adapter)
    await load.untilMore(EACH_SIDE)
    await server.kill()
    await server.start()
    await until(() => adapter.check())
    await load.untilMore(EACH_SIDE)
    const acknowledged = await load.stop()
    const losses = await lossesOf(adapter, acknowledged)
    console.log(told(title, acknowledged, losses))
    return { acknowledged, losses }
  } finally {
    await adapter.close()
    await server.stop()
  }
}

it('loses nothing that it acknowledged when Redis is killed under load, with appendfsync always', async () => {
  const config = { appendonly: 'yes', appendfsync: 'always' }
  const { acknowledged, losses } = await crash('redis killed, appendfsync always', config)
  expect(losses).toEqual(NOTHING_LOST)
  for (const kind of [acknowledged.issued, acknowledged.revoked, acknowledged.claimed])
    expect(kind.length).toBeGreaterThanOrEqual(2 * EACH_SIDE)
})

it('would see what is lost: without an append-only file the same kill loses all that was before it', async () => {
  const { losses } = await crash('redis killed, no append-only file', {})
  for (const lost of Object.values(losses)) expect(lost).toBeGreaterThanOrEqual(EACH_SIDE)
})
