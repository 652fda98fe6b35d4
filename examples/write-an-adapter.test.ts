import { randomUUID } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { appendFile, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { openAdapterContract } from '@latchkey/adapter-contract'
import { describeAdapter, describeContract } from '@latchkey/adapter-contract/vitest'
import type { AccessTokenRecord, Adapter } from '@latchkey/core'
import { defineClient, tokenIdOf } from '@latchkey/core'
import { afterAll, expect, it } from 'vitest'
import { openAdapter } from './write-an-adapter.ts'

// #region contract
const folder = mkdtempSync(join(tmpdir(), 'latchkey-journal-'))
const freshJournal = () => pathToFileURL(join(folder, `${randomUUID()}.jsonl`))

afterAll(() => rm(folder, { recursive: true }))

describeAdapter('the journal adapter', () => openAdapter(freshJournal()))
describeContract('the journal adapter: openAdapter', openAdapterContract, () => ({ openAdapter, url: freshJournal() }))
// #endregion

const token: AccessTokenRecord = {
  id: tokenIdOf('a token'),
  clientId: 'nightly-reports',
  subject: 'nightly-reports',
  scopes: ['sales:read'],
  audience: ['https://auth.example.com'],
  issuedAt: 1_000,
  expiresAt: 4_600,
}

/** Opens an adapter that surely has every port. */
const open = async (url: URL) => (await openAdapter(url)) as Required<Adapter>

it('knows after a restart all that was changed before it', async () => {
  const url = freshJournal()
  const before = await open(url)
  await before.clients.add(defineClient({ id: 'nightly-reports' }))
  await before.clients.replace(defineClient({ id: 'nightly-reports', enabled: false }), 1)
  await before.tokens.save(token)
  await before.tokens.save({ ...token, id: tokenIdOf('another') })
  await before.tokens.revoke(tokenIdOf('another'), 9_000)
  await before.replays.claim('jti', 9_000)
  await before.credentialUses.record([{ clientId: 'nightly-reports', credentialId: 'one', usedAt: 7 }])
  await before.close()

  const after = await open(url)
  expect(await after.clients.find('nightly-reports')).toMatchObject({ enabled: false, version: 2 })
  expect(await after.tokens.find(token.id)).toEqual(token)
  expect(await after.tokens.find(tokenIdOf('another'))).toBeUndefined()
  expect(await after.replays.claim('jti', 9_000)).toBe(false)
  expect(await after.credentialUses.of('nightly-reports')).toHaveLength(1)
  await after.close()
})

it('drops a line that the end of the process cut off', async () => {
  const url = freshJournal()
  const before = await open(url)
  await before.tokens.save(token)
  await before.close()
  await appendFile(url, '{"table":"token","key":"half')

  const after = await open(url)
  expect(await after.tokens.find(token.id)).toEqual(token)
  await after.close()
})

it('does not open a journal that has a line which cannot be read', async () => {
  const url = freshJournal()
  await appendFile(url, 'not JSON\n{"table":"token","key":"a","value":1}\n')
  await expect(openAdapter(url)).rejects.toThrow(SyntaxError)
})

it('is read by nobody but its owner, and forgets what was swept when it is opened again', async () => {
  const url = freshJournal()
  const before = await open(url)
  await before.tokens.save(token)
  expect(await before.sweeper.sweep(token.expiresAt + 1)).toBe(1)
  await before.close()

  const after = await open(url)
  expect(await readFile(url, 'utf8')).toBe('')
  expect((await stat(url)).mode & 0o777).toBe(0o600)
  await after.close()
})

it('answers nothing any more once a write has failed, since nobody knows what the file holds', async () => {
  const adapter = await open(freshJournal())
  await adapter.close()
  await expect(adapter.tokens.save(token)).rejects.toThrow('could not be written')
  await expect(adapter.tokens.find(token.id)).rejects.toThrow('could not be written')
  await expect(adapter.check()).rejects.toThrow('could not be written')
})

it.each(['https://example.com/journal', new URL('./write-an-adapter.ts', import.meta.url).href])(
  'refuses the address %s',
  async (address) => {
    await expect(openAdapter(new URL(address))).rejects.toThrow(TypeError)
  },
)
