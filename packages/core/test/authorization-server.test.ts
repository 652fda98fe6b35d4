import { describe, expect, it } from 'vitest'
import type { CredentialUse } from '../src/index.ts'
import {
  asReports,
  createTestServer,
  GRANT,
  NOW,
  posted,
  REPORTS,
  refusalOf,
  STRANGER,
  tokenOf,
} from './test-server.ts'

const USE: CredentialUse = { clientId: 'reports', credentialId: REPORTS.credentialId, usedAt: NOW }

describe('close', () => {
  it('writes down the last uses, and tells the last events', async () => {
    const written: CredentialUse[] = []
    const told: string[] = []
    const { server } = createTestServer(undefined, {
      credentialUses: {
        of: async () => [],
        async record(uses) {
          written.push(...uses)
        },
      },
      onEvent: ({ type }) => told.push(type),
    })
    await server.token(asReports(GRANT))
    expect([written, told]).toEqual([[], []])
    await server.close()
    expect([written, told]).toEqual([[USE], ['token_issued']])
  })

  it('tells of the uses that could not be written down, and never rejects', async () => {
    const told: string[] = []
    const { server } = createTestServer(undefined, {
      credentialUses: { of: async () => [], record: () => Promise.reject(new Error('away')) },
      onEvent: ({ type }) => told.push(type),
    })
    await server.token(asReports(GRANT))
    await expect(server.close()).resolves.toBeUndefined()
    expect(told).toEqual(['token_issued', 'credential_uses_lost'])
  })

  it('may be called twice, and without anything to do', async () => {
    const { server } = createTestServer()
    await server.close()
    await expect(server.close()).resolves.toBeUndefined()
  })
})

describe('uses of credentials', () => {
  it('are noted wherever a client authenticates, and nowhere else', async () => {
    const written: CredentialUse[] = []
    const test = createTestServer(undefined, {
      credentialUses: {
        of: async () => [],
        async record(uses) {
          written.push(...uses)
        },
      },
    })
    await refusalOf(test.server.token(posted({ ...GRANT, client_id: 'reports', client_secret: STRANGER.secret })))
    await test.server.close()
    expect(written).toEqual([])
    const steps = [
      () => test.server.token(asReports(GRANT)),
      () => test.server.introspect(asReports({ token: 'x' })),
      () => test.server.revoke(asReports({ token: 'x' })),
      () => test.server.verifyClient({ clientId: 'reports', clientSecret: REPORTS.secret }),
    ]
    for (const [minute, step] of steps.entries()) {
      test.clock.seconds = NOW + 60 * minute
      await step()
    }
    await test.server.close()
    expect(written.map(({ usedAt }) => usedAt - NOW)).toEqual([0, 60, 120, 180])
  })

  it('delay no answer, however slow their backend is', async () => {
    const { server } = createTestServer(undefined, {
      credentialUses: { of: async () => [], record: () => new Promise(() => {}) },
    })
    await expect(server.token(asReports(GRANT))).resolves.toBeDefined()
  })
})

describe('listeners', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('mine')
      },
    ],
    ['rejects', () => Promise.reject(new Error('mine'))],
    ['never ends', () => new Promise(() => {})],
    [
      'changes what it hears',
      (event: object) => {
        for (const key of Object.keys(event)) Reflect.set(event, key, 'x')
        for (const value of Object.values(event)) if (Array.isArray(value)) value.push('x')
      },
    ],
  ])('change no answer: one that %s', async (_, onEvent) => {
    const test = createTestServer(undefined, { onEvent })
    const token = await tokenOf(test, 'read')
    await test.events()
    expect(await test.server.introspect(asReports({ token }))).toMatchObject({
      active: true,
      scope: 'read',
      aud: 'https://auth.example.com',
    })
    expect(await test.server.token(asReports({ ...GRANT, scope: 'read' }))).toMatchObject({
      scope: 'read',
      expires_in: 3600,
    })
    await test.events()
    const again = await tokenOf(test, 'read')
    expect(await test.server.introspect(asReports({ token: again }))).toMatchObject({ aud: 'https://auth.example.com' })
  })

  it('hear only after the answer was given', async () => {
    const order: string[] = []
    const test = createTestServer(undefined, { onEvent: () => order.push('told') })
    await tokenOf(test).then(() => order.push('answered'))
    await test.events()
    expect(order).toEqual(['answered', 'told'])
  })
})

it('keeps two servers in one process apart', async () => {
  const [one, other] = [createTestServer(), createTestServer()]
  const token = await tokenOf(one)
  expect(await other.server.verifyAccessToken({ token })).toEqual({ ok: false, error: 'invalid_token' })
})
