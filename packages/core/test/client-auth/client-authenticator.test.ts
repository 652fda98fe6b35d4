import { describe, expect, it } from 'vitest'
import type { ClientAuthMethod } from '../../src/client-auth/client-auth-method.ts'
import { createClientAuthenticator } from '../../src/client-auth/client-authenticator.ts'
import type { Client } from '../../src/domain/client.ts'
import type { Credential } from '../../src/domain/credential.ts'
import type { DomainEvent } from '../../src/domain/event.ts'
import { formOf } from '../../src/protocol/form.ts'
import { CHOSEN, credentialOf, NOW, REPORTS, reports } from '../test-server.ts'

const live = credentialOf(REPORTS)
const dead: Credential = { kind: 'secret', id: 'dead', hash: CHOSEN.hash, expiresAt: NOW }

/** Readings that say of themselves which credential they are. */
function createAuthenticator(
  readings: readonly (readonly [string, Credential | undefined])[],
  client: Client = reports(),
) {
  const events: DomainEvent[] = []
  const noted: string[] = []
  const tried: unknown[] = []
  const seen: unknown[] = []
  const method: ClientAuthMethod = {
    names: ['client_secret_basic'],
    extract: () =>
      readings.map(([clientId, credential]) => ({
        clientId,
        async verify({ client, mayPass }) {
          tried.push([clientId, client !== undefined, mayPass])
          return client && credential
        },
      })),
  }
  const authenticator = createClientAuthenticator({
    issuer: 'https://auth.example.com',
    clients: { find: async (id) => (id === client.id ? client : undefined) },
    methods: [method],
    uses: { note: (...use) => noted.push(use.join(' ')), flush: async () => {} },
    clock: { now: () => NOW },
    emit: (event) => events.push(event),
  })
  const authenticate = (form: Record<string, string> = {}) =>
    authenticator.authenticate({ form: formOf(form), requestId: 'r-1' }, (...who) => seen.push(who))
  return { authenticate, authenticator, events, noted, tried, seen, method }
}

describe('the client authenticator', () => {
  it('says which client it was, and by which credential, and notes the use', async () => {
    const { authenticate, noted, events, seen } = createAuthenticator([['reports', live]])
    expect(await authenticate()).toMatchObject({ client: reports(), credential: live })
    expect(seen).toEqual([[reports(), live]])
    expect(noted).toEqual([`reports ${live.id} ${NOW}`])
    expect(events).toEqual([])
  })

  it('tries the second reading when the first fails, and no third when the second passes', async () => {
    const { authenticate, tried } = createAuthenticator([
      ['nobody', live],
      ['reports', live],
      ['reports', undefined],
    ])
    expect((await authenticate()).credential).toBe(live)
    expect(tried).toEqual([
      ['nobody', false, false],
      ['reports', true, true],
    ])
  })

  it.each([
    ['no such client', [['nobody', live]], reports(), {}],
    ['none of its credentials matches', [['reports', undefined]], reports(), { clientId: 'reports' }],
    [
      'the client is disabled',
      [['reports', live]],
      reports({ enabled: false }),
      { clientId: 'reports', credentialId: live.id },
    ],
    [
      'the credential is not live at this time',
      [['reports', dead]],
      reports(),
      { clientId: 'reports', credentialId: 'dead' },
    ],
    [
      'the client is registered for client_secret_post',
      [['reports', live]],
      reports({ tokenEndpointAuthMethod: 'client_secret_post' }),
      { clientId: 'reports', credentialId: live.id },
    ],
    ['the credentials are malformed', [], reports(), {}],
  ] as const)('tells the operator, and nobody else, that %s', async (reason, readings, client, who) => {
    const { authenticate, events, noted } = createAuthenticator(readings, client)
    await expect(authenticate()).rejects.toMatchObject({
      code: 'invalid_client',
      message: 'client authentication failed',
      challenge: 'Basic realm="https://auth.example.com", charset="UTF-8"',
      reason,
    })
    expect(events).toEqual([{ type: 'client_authentication_failed', at: NOW, requestId: 'r-1', ...who, reason }])
    expect(noted).toEqual([])
  })

  it.each([
    [
      'the first, when the second is nobody’s',
      [
        ['reports', undefined],
        ['nobody', live],
      ],
      { clientId: 'reports' },
    ],
    [
      'the second, when the first is nobody’s',
      [
        ['nobody', live],
        ['reports', undefined],
      ],
      { clientId: 'reports' },
    ],
    [
      'the one whose secret was right',
      [
        ['reports', dead],
        ['reports', undefined],
      ],
      { clientId: 'reports', credentialId: 'dead' },
    ],
    [
      'the one whose secret was right, also when it comes last',
      [
        ['reports', undefined],
        ['reports', dead],
      ],
      { clientId: 'reports', credentialId: 'dead' },
    ],
    [
      'nobody, when both are nobody’s',
      [
        ['nobody', live],
        ['no one', live],
      ],
      {},
    ],
  ] as const)('tells of the reading that came closest: %s', async (_, readings, who) => {
    const { authenticate, events } = createAuthenticator(readings)
    await expect(authenticate()).rejects.toMatchObject({ code: 'invalid_client' })
    expect(events).toHaveLength(1)
    expect(events[0]).toEqual({
      type: 'client_authentication_failed',
      at: NOW,
      requestId: 'r-1',
      reason: expect.any(String),
      ...who,
    })
  })

  it('says whom it has seen also when another client_id stands beside, and nobody when nobody authenticated', async () => {
    const right = createAuthenticator([['reports', live]])
    await expect(right.authenticate({ client_id: 'stranger' })).rejects.toMatchObject({ code: 'invalid_request' })
    expect(right.seen).toEqual([[reports(), live]])
    const wrong = createAuthenticator([['reports', undefined]])
    await expect(wrong.authenticate()).rejects.toMatchObject({ code: 'invalid_client' })
    expect(wrong.seen).toEqual([])
  })

  it('compares client_id with the id that authenticated, not with the one that was written', async () => {
    const { authenticate } = createAuthenticator([
      ['report%73', live],
      ['reports', live],
    ])
    await expect(authenticate({ client_id: 'reports' })).resolves.toMatchObject({ client: { id: 'reports' } })
    await expect(authenticate({ client_id: 'report%73' })).rejects.toMatchObject({ code: 'invalid_request' })
  })

  it('refuses two methods before either is tried', async () => {
    const { authenticator, method, tried } = createAuthenticator([['reports', live]])
    const both = createClientAuthenticator({
      issuer: 'https://auth.example.com',
      clients: { find: async () => reports() },
      methods: [method, { ...method, names: ['client_secret_post'] }],
      uses: { note: () => {}, flush: async () => {} },
      clock: { now: () => NOW },
      emit: () => {},
    })
    const request = { form: formOf({}), requestId: 'r-1' }
    await expect(both.authenticate(request, () => {})).rejects.toMatchObject({ code: 'invalid_request' })
    expect(tried).toEqual([])
    expect(both.countMethods(request)).toBe(2)
    expect(authenticator.countMethods(request)).toBe(1)
  })
})
