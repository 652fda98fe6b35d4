import type { Migrations } from '@latchkey/core'
import { describe, expect, it } from 'vitest'
import type { SettingName } from '../../src/config/settings.ts'
import { createLog } from '../../src/log/log.ts'
import { StartRefused } from '../../src/start-refused.ts'
import { migrateAtStart } from '../../src/storage/migrate-at-start.ts'

/** A backend that lacks some steps. */
function lacking(...steps: string[]): Migrations & { readonly taken: readonly string[] } {
  const taken: string[] = []
  const pending = async () => steps.filter((step) => !taken.includes(step))
  return {
    taken,
    pending,
    async apply() {
      const mine = await pending()
      taken.push(...mine)
      return mine
    },
  }
}

async function start(halves: readonly (readonly [SettingName, Migrations])[], autoMigrate = false) {
  const logged: object[] = []
  const log = createLog('info', { write: (line) => logged.push(JSON.parse(line) as object) })
  const migrations = halves.map(([setting, half]) => ({ setting, migrations: half }))
  const problems = await migrateAtStart({ migrations }, { config: { autoMigrate }, log }).then(
    () => [],
    (error: unknown) => (error instanceof StartRefused ? error.problems : Promise.reject(error as Error)),
  )
  return { problems, logged }
}

describe('migrations at start', () => {
  it('are nothing to speak of where none are pending', async () => {
    expect(await start([])).toEqual({ problems: [], logged: [] })
    expect(await start([['LATCHKEY_STORAGE', lacking()]])).toEqual({ problems: [], logged: [] })
    expect(await start([['LATCHKEY_STORAGE', lacking()]], true)).toEqual({ problems: [], logged: [] })
  })

  it('refuse the start when they are pending, name the command, and change nothing', async () => {
    const half = lacking('0001-clients', '0002-tokens')
    const { problems } = await start([['LATCHKEY_CLIENT_STORAGE', half]])
    expect(problems).toEqual([
      expect.stringMatching(
        /^LATCHKEY_CLIENT_STORAGE: .*0001-clients, 0002-tokens.*run latchkey migrate, or set LATCHKEY_AUTO_MIGRATE=true$/,
      ),
    ])
    expect(half.taken).toEqual([])
  })

  it('are applied where the settings say so, and logged', async () => {
    const [clients, tokens] = [lacking('a', 'b'), lacking('c')]
    const { problems, logged } = await start(
      [
        ['LATCHKEY_CLIENT_STORAGE', clients],
        ['LATCHKEY_TOKEN_STORAGE', tokens],
      ],
      true,
    )
    expect(problems).toEqual([])
    expect([clients.taken, tokens.taken]).toEqual([['a', 'b'], ['c']])
    expect(logged).toMatchObject([
      { level: 'info', event: 'migrated', setting: 'LATCHKEY_CLIENT_STORAGE', steps: ['a', 'b'] },
      { level: 'info', event: 'migrated', setting: 'LATCHKEY_TOKEN_STORAGE', steps: ['c'] },
    ])
  })

  it('are not told of when another node was quicker', async () => {
    const half = { ...lacking('a'), apply: async () => [] }
    expect(await start([['LATCHKEY_STORAGE', half]], true)).toEqual({ problems: [], logged: [] })
  })

  it.each([false, true])('refuse the start when the storage is away or ahead, with its words (%s)', async (auto) => {
    const half = { ...lacking(), pending: () => Promise.reject(new Error('the schema is ahead')) }
    expect((await start([['LATCHKEY_STORAGE', half]], auto)).problems).toEqual([
      'LATCHKEY_STORAGE: the schema is ahead',
    ])
  })

  it('refuse the start when a step fails', async () => {
    const half = { ...lacking('a'), apply: () => Promise.reject(new Error('permission denied')) }
    expect((await start([['LATCHKEY_STORAGE', half]], true)).problems).toEqual(['LATCHKEY_STORAGE: permission denied'])
  })
})
