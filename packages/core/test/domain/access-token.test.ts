import { describe, expect, it } from 'vitest'
import { type AccessTokenRecord, isActive, type TokenId } from '../../src/domain/access-token.ts'
import { NOW, reports } from '../test-server.ts'

const token: AccessTokenRecord = {
  id: 'a' as TokenId,
  clientId: 'reports',
  subject: 'reports',
  scopes: [],
  audience: ['https://api.example.com'],
  issuedAt: NOW,
  expiresAt: NOW + 60,
}

describe('isActive', () => {
  it('is true from the second of issue until just before the expiry, with no leeway', () => {
    expect([NOW, NOW + 59, NOW + 60].map((now) => isActive(token, reports(), now))).toEqual([true, true, false])
  })

  it('is true before the second of issue too: a clock that was set back takes no token away', () => {
    expect(isActive(token, reports(), NOW - 3600)).toBe(true)
  })

  it('is false when the client is gone or disabled', () => {
    expect(isActive(token, undefined, NOW)).toBe(false)
    expect(isActive(token, reports({ enabled: false }), NOW)).toBe(false)
  })

  it('is false for a token from before the second from which the client’s tokens count', () => {
    const validFrom = (tokensValidFrom: number) => isActive(token, reports({ tokensValidFrom }), NOW)
    expect([NOW - 1, NOW, NOW + 1].map(validFrom)).toEqual([true, true, false])
  })
})
