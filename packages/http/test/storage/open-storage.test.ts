import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { StartRefused } from '../../src/start-refused.ts'
import { openStorage } from '../../src/storage/open-storage.ts'

const modules = fileURLToPath(new URL('./modules', import.meta.url))

const open = (storage: string, tokens: string = storage, directory: string = modules) =>
  openStorage(
    {
      clientStorage: { setting: 'LATCHKEY_CLIENT_STORAGE', storage },
      tokenStorage: { setting: 'LATCHKEY_TOKEN_STORAGE', storage: tokens },
    },
    { directory },
  )

const problemsOf = async (opening: Promise<unknown>): Promise<readonly string[]> => {
  const error: unknown = await opening.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof StartRefused)) throw new Error('it was not refused', { cause: error })
  return error.problems
}

describe('opening storage', () => {
  it('keeps clients and tokens in one memory when both are named alike', async () => {
    const storage = await open('memory:?tokens=10')
    expect(storage.adapters).toHaveLength(1)
    expect(storage).toMatchObject({
      forgetsClients: true,
      forgetsTokens: true,
      shown: { clients: 'memory:?tokens=10' },
    })
    await storage.close()
  })

  it('opens two adapters when they are named differently', async () => {
    const storage = await open('./working-adapter.mjs', 'memory:')
    expect(storage.adapters).toHaveLength(2)
    expect(storage).toMatchObject({ forgetsClients: false, forgetsTokens: true })
    await storage.close()
  })

  it('finds a module by a path from the working directory, and hands it its own address', async () => {
    const { opened } = await load('working-adapter.mjs')
    for (const specifier of ['./working-adapter.mjs', join(modules, 'working-adapter.mjs')]) {
      await (await open(specifier)).close()
      expect(opened.at(-1)).toBe(pathToFileURL(join(modules, 'working-adapter.mjs')).href)
    }
    await (await open(pathToFileURL(join(modules, 'working-adapter.mjs')).href)).close()
  })

  it('hands a module the address that stands behind a #', async () => {
    const { opened } = await load('working-adapter.mjs')
    const storage = await open('./working-adapter.mjs#mydb://user:needle@host/db?x=y')
    expect(opened.at(-1)).toBe('mydb://user:needle@host/db?x=y')
    expect(JSON.stringify(storage.shown)).not.toContain('needle')
    await storage.close()
  })

  it('opens one adapter for one address, however it is written', async () => {
    const storage = await open('./working-adapter.mjs', join(modules, 'working-adapter.mjs'))
    expect(storage.adapters).toHaveLength(1)
    await storage.close()
  })

  it('hands on what each half has beside clients and tokens, and says which setting a warning concerns', async () => {
    const storage = await open('./everything-adapter.mjs#any://clients', './everything-adapter.mjs#any://tokens')
    const [clients, tokens] = storage.adapters
    expect(storage).toMatchObject({
      clientChanges: clients?.clientChanges,
      credentialUses: clients?.credentialUses,
      replays: tokens?.replays,
      sweepers: [clients?.sweeper, tokens?.sweeper],
      migrations: [
        { setting: 'LATCHKEY_CLIENT_STORAGE', migrations: clients?.migrations },
        { setting: 'LATCHKEY_TOKEN_STORAGE', migrations: tokens?.migrations },
      ],
      warnings: ['LATCHKEY_CLIENT_STORAGE: any://clients is slow', 'LATCHKEY_TOKEN_STORAGE: any://tokens is slow'],
    })
    expect(clients?.replays).not.toBe(tokens?.replays)
    await storage.close()
  })

  it('has none of what no half has', async () => {
    const storage = await open('./working-adapter.mjs')
    expect(storage).toMatchObject({ clientChanges: undefined, replays: undefined, sweepers: [], migrations: [] })
    expect(storage.warnings).toEqual([])
    await storage.close()
  })

  it('closes what it opened when the other half cannot be had', async () => {
    const { state } = await load('clients-only.mjs')
    expect(await problemsOf(open('./clients-only.mjs', './failing-adapter.mjs'))).toEqual([
      'LATCHKEY_TOKEN_STORAGE: the backend does not answer',
    ])
    expect(state.closed).toBe(true)
  })

  it.each([
    ['./clients-only.mjs', 'LATCHKEY_TOKEN_STORAGE: the adapter has no port "tokens", which is needed'],
    ['./no-adapter.mjs', 'LATCHKEY_CLIENT_STORAGE: ./no-adapter.mjs does not export openAdapter'],
    ['./working-adapter.mjs#needle', 'LATCHKEY_CLIENT_STORAGE: what is to be opened is no URL'],
    ['memory:?tokens=0', expect.stringMatching(/^LATCHKEY_CLIENT_STORAGE: memory: takes a whole number/)],
    ['memory:?size=1', expect.stringMatching(/^LATCHKEY_CLIENT_STORAGE: .*"size"/)],
    ['mysql://u:needle@h/d', expect.stringMatching(/^LATCHKEY_CLIENT_STORAGE: mysql: is not known/)],
    ['./none.mjs', expect.stringMatching(/^LATCHKEY_CLIENT_STORAGE: .*none\.mjs/)],
    ['no-such-package', expect.stringMatching(/^LATCHKEY_CLIENT_STORAGE: .*no-such-package/)],
  ])('says in one line what is wrong with %s, and repeats no password', async (storage, problem) => {
    const problems = await problemsOf(open(storage))
    expect(problems).toEqual([problem])
    expect(problems.join('')).not.toMatch(/needle|\n/)
  })

  describe('from packages', () => {
    let directory: string

    beforeAll(() => {
      directory = mkdtempSync(join(tmpdir(), 'latchkey-storage-'))
      const name = join(directory, 'node_modules', 'esm-only')
      mkdirSync(name, { recursive: true })
      writeFileSync(join(name, 'package.json'), '{"type":"module","exports":{".":{"import":"./main.js"}}}')
      const adapter = '({ clients: {}, tokens: {}, check: async () => {}, close: async () => {}, url })'
      writeFileSync(join(name, 'main.js'), `export const openAdapter = async (url) => ${adapter}\n`)
    })

    afterAll(() => rmSync(directory, { recursive: true }))

    it('finds a package that only import can see, from the working directory', async () => {
      const storage = await open('esm-only', 'esm-only', directory)
      expect(String((storage.adapters[0] as unknown as { url: URL }).url)).toContain('/node_modules/esm-only/main.js')
    })
  })
})

const load = (name: string) => import(pathToFileURL(join(modules, name)).href)
