import { createMemoryAdapter } from '@latchkey/adapter-memory'
import { createAuthorizationServer, openKeyRing } from '@latchkey/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkStatusList } from '../src/status-list.ts'
import { allHosts, type Host } from './hosts.ts'
import { startedService } from './started-service.ts'
import { ISSUER } from './test-server.ts'

const hosts: Host[] = []
const lists: string[] = []
const closing: (() => Promise<void>)[] = []

async function start(issuer: string): Promise<void> {
  const adapter = createMemoryAdapter()
  const ring = await openKeyRing({ store: adapter.keys, masterKey: 'ephemeral' })
  const { clients, tokens, statusIndexes } = adapter
  const server = createAuthorizationServer({
    issuer,
    clients,
    tokens,
    statusList: { indexes: statusIndexes },
    signer: ring,
  })
  const { list } = await statusIndexes.reserve(8, 4_102_444_800)
  lists.push(list)
  hosts.push(...(await allHosts(server)))
  closing.push(
    () => ring.close(),
    () => adapter.close(),
  )
}

beforeAll(async () => {
  await start(ISSUER)
  await start(`${ISSUER}/tenant`)
})

afterAll(async () => {
  for (const host of hosts) await host.close()
  for (const close of closing) await close()
})

describe.each([
  ['the service', 0, ''],
  ['Fastify alone', 1, ''],
  ['the fetch handler', 2, ''],
  ['the service, below a path', 3, '/tenant'],
  ['Fastify alone, below a path', 4, '/tenant'],
  ['the fetch handler, below a path', 5, '/tenant'],
])('a list of revoked tokens, by %s', (_name, index, base) => {
  const get = (name: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
    (hosts[index] as Host).send({ method, path: `${base}/status-lists/${name}`, headers })
  const list = (): string => lists[index < 3 ? 0 : 1] as string

  it('is at the address that its tokens name, and may be kept for as long as it lives', async () => {
    const { status, headers, body } = await get(list())
    expect(status).toBe(200)
    expect(headers).toMatchObject({ 'content-type': 'application/statuslist+jwt' })
    expect(headers['cache-control']).toMatch(/^public, max-age=(?:60|5\d)$/)
    const payload = JSON.parse(Buffer.from(body.split('.')[1] ?? '', 'base64url').toString()) as {
      readonly sub: string
    }
    expect(payload.sub).toBe(`${ISSUER}${base}/status-lists/${list()}`)
  })

  it('is not sent again, nor for HEAD', async () => {
    const etag = (await get(list())).headers['etag'] ?? ''
    expect(await get(list(), { 'if-none-match': etag })).toMatchObject({ status: 304, body: '' })
    expect(await get(list(), {}, 'HEAD')).toMatchObject({ status: 200, body: '', headers: { etag } })
  })

  it('is nothing where there is none', async () => {
    for (const name of ['unknown', '', 'a/b', '%20']) expect((await get(name)).status).toBe(404)
    expect((await get(list(), {}, 'POST')).status).toBe(404)
  })
})

describe('the service', () => {
  it('names the storage that has no place for a list', () => {
    const tokenStorage = { setting: 'LATCHKEY_TOKEN_STORAGE', storage: 'redis://localhost' } as const
    expect(() =>
      checkStatusList({ config: { statusList: true, tokenStorage }, storage: {}, signing: { signer: undefined } }),
    ).toThrow('LATCHKEY_TOKEN_STORAGE: the adapter has no port "statusIndexes", which LATCHKEY_STATUS_LIST needs')
  })

  it('starts with a list only where one can be kept and signed', async () => {
    const on = { LATCHKEY_STATUS_LIST: 'true' }
    await expect(
      startedService({ ...on, LATCHKEY_SIGNING_ALG: 'HS256', LATCHKEY_JWT_SECRET: 's'.repeat(32) }),
    ).rejects.toThrow('LATCHKEY_STATUS_LIST needs keys that sign')
    const { service } = await startedService({ ...on, LATCHKEY_STATUS_LIST_TTL: '7' })
    const { list } = (await service.storage.statusIndexes?.reserve(1, 4_102_444_800)) ?? { list: '' }
    const answer = await service.server.statusList?.({ list, ifNoneMatch: undefined })
    expect(answer?.headers['cache-control']).toBe('public, max-age=7')
    await service.close()
  })
})
