import { freshPrefix, freshSchema } from '@latchkey/test-backends'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildCli } from '../process/built-cli.ts'
import { startNode } from '../two-processes/node-process.ts'

const KILLS = 3
/** So many claims are acknowledged before each kill, while more are under way. */
const BEFORE_EACH = 1000
const EXPIRES_AT = Math.floor(Date.now() / 1000) + 86_400

beforeAll(() => buildCli(), 120_000)

/** No endpoint claims anything yet, so it is the adapter in a process of its own that is killed. */
describe.each([
  ['Postgres', freshSchema],
  ['Redis', freshPrefix],
])('the replay guard on %s, whose process is killed under load', (name, fresh) => {
  it('lets no key through again that it has let through, and a key that was never claimed would be seen', async ({
    task,
  }) => {
    const { url, remove } = fresh()
    const claimed = new Set<string>()
    const checking = await startNode()
    await checking.tell('migrate', url)
    for (let kill = 0; kill < KILLS; kill++) {
      const node = await startNode()
      const underWay = node.tell('claimOnAndOn', { url, prefix: `kill-${kill}`, expiresAt: EXPIRES_AT })
      const ending = underWay.catch((error: unknown) => error)
      await expect.poll(() => node.claimed.size, { timeout: 120_000 }).toBeGreaterThanOrEqual(BEFORE_EACH)
      await node.kill()
      expect(await ending).toEqual(new Error('the node is gone'))
      for (const key of node.claimed) claimed.add(key)
    }
    const again = async (keys: readonly string[]): Promise<readonly string[]> => {
      const passed = await checking.tell('claim', { url, keys, expiresAt: EXPIRES_AT })
      return keys.filter((_, index) => passed[index])
    }
    const twice = await again([...claimed])
    const counted = `${name}: kill -9 of what claims, ${KILLS} times under load: ${claimed.size} claims acknowledged, ${twice.length} keys let through twice`
    console.log(counted)
    Object.assign(task.meta, { counted })
    expect(claimed.size).toBeGreaterThanOrEqual(KILLS * BEFORE_EACH)
    expect(twice).toEqual([])
    expect(await again(['a key that nobody claimed', ...claimed])).toEqual(['a key that nobody claimed'])
    await checking.kill()
    await remove()
  })
})
