import { afterEach, describe, expect, it } from 'vitest'
import { type KeptStorage, keep, latchkey } from './latchkey.ts'

const open: KeptStorage[] = []
afterEach(async () => {
  for (const storage of open.splice(0)) await storage.end()
})

async function kept(...given: Parameters<typeof keep>) {
  const storage = await keep(...given)
  open.push(storage)
  return storage
}

/** A backend that is behind by two steps until they are applied. */
function behind() {
  const pending = ['0001-first', '0002-second']
  return { pending: async () => [...pending], apply: async () => pending.splice(0) }
}

describe('latchkey migrate', () => {
  it('applies every step and names it', async () => {
    const { environment } = await kept({ migrations: behind() })
    const { code, out, err } = await latchkey(['migrate'], { environment })
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/^.+ 0001-first is applied\n.+ 0002-second is applied\n$/)
    expect((await latchkey(['migrate'], { environment })).out).toMatch(/^.+ nothing is pending\n$/)
  })

  it.each(['--pending', '--dry-run'])('lists the steps with %s, and takes none', async (option) => {
    const { environment, adapter } = await kept({ migrations: behind() })
    const { code, out } = await latchkey(['migrate', option, '--json'], { environment })
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual({
      storages: [{ setting: 'LATCHKEY_STORAGE', storage: expect.any(String), pending: ['0001-first', '0002-second'] }],
    })
    expect(await adapter.migrations?.pending()).toHaveLength(2)
  })

  it('sees to both halves of the storage', async () => {
    const [clients, tokens] = [await kept({ migrations: behind() }), await kept({ migrations: behind() })]
    const environment = { LATCHKEY_CLIENT_STORAGE: clients.storage, LATCHKEY_TOKEN_STORAGE: tokens.storage }
    const { out } = await latchkey(['migrate', '--json'], { environment })
    const { storages } = JSON.parse(out) as { storages: { setting: string; applied: string[] }[] }
    expect(storages.map(({ setting, applied }) => [setting, applied.length])).toEqual([
      ['LATCHKEY_CLIENT_STORAGE', 2],
      ['LATCHKEY_TOKEN_STORAGE', 2],
    ])
  })

  it('has nothing to do where nothing is prepared', async () => {
    expect(await latchkey(['migrate'])).toEqual({ code: 0, out: 'memory: needs no migrations\n', err: '' })
  })

  it('tells in one line of a step that fails', async () => {
    const migrations = { pending: async () => ['0001-first'], apply: () => Promise.reject(new Error('no\nright')) }
    const { environment } = await kept({ migrations })
    const { code, out, err } = await latchkey(['migrate'], { environment })
    expect([code, out, err]).toEqual([1, '', 'latchkey: LATCHKEY_STORAGE: no right\n'])
  })
})

describe('latchkey sweep', () => {
  it('says how many records are forgotten', async () => {
    const { environment } = await kept({ sweeper: { sweep: async () => 7 } })
    const { code, out, err } = await latchkey(['sweep'], { environment })
    expect([code, out, err]).toEqual([0, expect.stringMatching(/^.+ 7 records forgotten\n$/), ''])
    const { out: json } = await latchkey(['sweep', '--json'], { environment })
    expect(JSON.parse(json)).toMatchObject({ forgotten: 7, storages: [{ setting: 'LATCHKEY_STORAGE', forgotten: 7 }] })
  })

  it('adds up both halves, and leaves out one that is in memory', async () => {
    const { storage } = await kept({ sweeper: { sweep: async () => 1 } })
    const other = await kept({ sweeper: { sweep: async () => 4 } })
    const sweep = async (tokens: string) => {
      const environment = { LATCHKEY_CLIENT_STORAGE: storage, LATCHKEY_TOKEN_STORAGE: tokens }
      const { out } = await latchkey(['sweep', '--json'], { environment })
      return (JSON.parse(out) as { forgotten: number }).forgotten
    }
    expect(await sweep(other.storage)).toBe(5)
    expect(await sweep('memory:')).toBe(1)
  })

  it('has nothing to do on memory, and says why', async () => {
    const { code, out, err } = await latchkey(['sweep'])
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(/^latchkey: LATCHKEY_STORAGE keeps everything in the memory of the process that serves.*\n$/)
  })

  it('refuses while a migration is pending', async () => {
    const { environment } = await kept({ migrations: behind() })
    const { code, err } = await latchkey(['sweep'], { environment })
    expect([code, err]).toEqual([1, expect.stringMatching(/; run latchkey migrate\n$/)])
  })
})
