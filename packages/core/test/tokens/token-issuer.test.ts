import { describe, expect, it } from 'vitest'
import type { AccessTokenRecord } from '../../src/domain/access-token.ts'
import type { DomainEvent } from '../../src/domain/event.ts'
import { createTokenIssuer } from '../../src/tokens/token-issuer.ts'
import { createTokenMinter } from '../../src/tokens/token-minter.ts'
import { NOW, reports } from '../test-server.ts'

function createIssuer(save: (record: AccessTokenRecord) => Promise<void> = async () => {}) {
  const events: DomainEvent[] = []
  const emit = (event: DomainEvent) => events.push(event)
  const minter = createTokenMinter({
    clock: { now: () => NOW },
    lifetime: 60,
    format: 'opaque',
    jwts: undefined,
    defaultAudience: 'https://api.example.com',
    claims: undefined,
    emit,
  })
  const tokens = { save, find: async () => undefined, revoke: async () => {}, isRevoked: async () => false }
  const { issue } = createTokenIssuer({ minter, tokens, emit })
  const request = { client: reports(), subject: 'reports', requestId: 'r-1', grantType: 'client_credentials' }
  return {
    issue: (scopes: readonly string[], credentialId?: string) => issue({ ...request, scopes, credentialId }),
    events,
  }
}

describe('the issuer of tokens', () => {
  it('answers with the words of the protocol, and tells of the token by its id', async () => {
    const saved: AccessTokenRecord[] = []
    const { issue, events } = createIssuer(async (record) => {
      saved.push(record)
    })
    const answer = await issue(['read', 'write'], 'c-1')
    expect(answer).toEqual({
      access_token: expect.stringMatching(/^lk_at_/),
      token_type: 'Bearer',
      expires_in: 60,
      scope: 'read write',
    })
    expect(events).toEqual([
      {
        type: 'token_issued',
        at: NOW,
        requestId: 'r-1',
        clientId: 'reports',
        credentialId: 'c-1',
        tokenId: saved[0]?.id,
        grantType: 'client_credentials',
        subject: 'reports',
        scopes: ['read', 'write'],
        audience: ['https://api.example.com'],
        expiresAt: NOW + 60,
      },
    ])
    expect(JSON.stringify(events)).not.toContain(answer.access_token)
  })

  it('says nothing of scopes when there are none, and of a credential when there is none', async () => {
    const { issue, events } = createIssuer()
    expect(Object.keys(await issue([]))).toEqual(['access_token', 'token_type', 'expires_in'])
    expect(Object.keys(events[0] ?? {})).not.toContain('credentialId')
  })

  it('answers only once the token is remembered', async () => {
    const order: string[] = []
    let remembered = () => {}
    const { issue } = createIssuer(() => new Promise((resolve) => (remembered = resolve)))
    const answer = issue(['read']).then(() => order.push('answered'))
    await new Promise((resolve) => setImmediate(resolve))
    order.push('remembered')
    remembered()
    await answer
    expect(order).toEqual(['remembered', 'answered'])
  })

  it('neither answers nor tells of a token that could not be remembered', async () => {
    const { issue, events } = createIssuer(() => Promise.reject(new Error('the disk is full')))
    await expect(issue(['read'])).rejects.toThrow('the disk is full')
    expect(events).toEqual([])
  })
})
