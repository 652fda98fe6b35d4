import type { DomainEvent, TokenId, TokenIssued } from '@latchkey/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEventLog } from '../../src/log/event-log.ts'
import { createLog, type LogLevel } from '../../src/log/log.ts'

const ABOUT = { at: 1, requestId: 'r-1', clientId: 'reader', credentialId: 'c' }
const REFUSED: DomainEvent = { type: 'token_refused', ...ABOUT, error: 'invalid_scope', reason: 'a "quoted" reason\n' }

function logged(event: DomainEvent, level: LogLevel = 'trace'): readonly string[] {
  const written: string[] = []
  createEventLog(createLog(level, { write: (line) => written.push(line) }))(event)
  return written
}

describe('the log of events', () => {
  it('has a line for each, with its name and all its members', () => {
    const [line = '', ...more] = logged(REFUSED)
    expect(more).toEqual([])
    expect(line).toMatch(/^\{"level":"warn","time":\d{13},"event":"token_refused",.*\}\n$/)
    const { level, time, event, ...members } = JSON.parse(line) as Record<string, unknown>
    const { type, ...given } = REFUSED
    expect([level, event, members]).toEqual(['warn', type, given])
    expect(Math.abs(Number(time) - Date.now())).toBeLessThan(10_000)
  })

  it('has a line for each token that was issued as for every other event, whatever its members hold', () => {
    const issued = fc.record(
      {
        type: fc.constant('token_issued' as const),
        at: fc.nat(),
        requestId: fc.string({ unit: 'binary' }),
        clientId: fc.string({ unit: 'binary' }),
        credentialId: fc.string({ unit: 'binary' }),
        tokenId: fc.string({ unit: 'binary' }).map((id) => id as TokenId),
        grantType: fc.string({ unit: 'binary' }),
        subject: fc.string({ unit: 'binary' }),
        scopes: fc.array(fc.string({ unit: 'binary' })),
        audience: fc.array(fc.string({ unit: 'binary' })),
        expiresAt: fc.nat(),
      },
      {
        requiredKeys: [
          'type',
          'at',
          'requestId',
          'clientId',
          'tokenId',
          'grantType',
          'subject',
          'scopes',
          'audience',
          'expiresAt',
        ],
      },
    )
    fc.assert(
      fc.property(issued, (event: TokenIssued) => {
        const [line = ''] = logged(event)
        const time = /"time":(\d+)/.exec(line)?.[1]
        const { type, ...members } = event
        expect(line).toBe(`${JSON.stringify({ level: 'info', time: Number(time), event: type, ...members })}\n`)
      }),
    )
  })

  it('writes a list as it is at the time, however often it comes', () => {
    const written: string[] = []
    const log = createEventLog(createLog('info', { write: (line) => written.push(line) }))
    const frozen = Object.freeze(['read', 'a "b"'])
    const changing = ['write']
    const issued = (scopes: readonly string[], audience: readonly string[]) => {
      const token = { tokenId: 't' as TokenId, grantType: 'g', subject: 's', expiresAt: 2 }
      log({ type: 'token_issued', ...ABOUT, ...token, scopes, audience })
      const { scopes: told, audience: for_ } = JSON.parse(written.at(-1) ?? '') as Record<string, unknown>
      return [told, for_]
    }
    for (const [scopes, audience] of [
      [frozen, changing],
      [frozen, frozen],
      [changing, frozen],
      [changing, changing],
      [changing, changing],
      [[], changing],
    ] as const) {
      changing.push('more')
      expect(issued(scopes, audience)).toEqual([scopes, audience])
    }
  })

  it('looks like every other line of the log', () => {
    const written: string[] = []
    createLog('info', { write: (line) => written.push(line) }).info({ event: 'x' })
    expect(Object.keys(JSON.parse(written[0] ?? '') as object)).toEqual(['level', 'time', 'event'])
  })

  it('does not depend on which member comes first', () => {
    const { type, ...members } = REFUSED
    expect(JSON.parse(logged({ ...members, type } as DomainEvent)[0] ?? '')).toMatchObject({ event: type, ...members })
  })

  it.each([
    ['info', { type: 'token_revoked', ...ABOUT, tokenId: 't' }],
    ['warn', { type: 'client_authentication_failed', ...ABOUT, reason: 'x' }],
    ['warn', { type: 'revocation_ignored', ...ABOUT, tokenId: 't', ownerId: 'o' }],
    ['warn', { type: 'claims_ignored', ...ABOUT, names: ['sub'] }],
    ['error', { type: 'token_refused', ...ABOUT, error: 'server_error', reason: 'x' }],
    ['error', { type: 'revocation_refused', ...ABOUT, error: 'temporarily_unavailable', reason: 'x' }],
    ['error', { type: 'credential_uses_lost', ...ABOUT, count: 1, reason: 'x' }],
  ])('is at level %s for %j', (level, event) => {
    expect(JSON.parse(logged(event as DomainEvent)[0] ?? '')).toMatchObject({ level })
  })

  it('leaves out what is below its level', () => {
    expect(logged(REFUSED, 'error')).toEqual([])
    expect(logged(REFUSED, 'silent')).toEqual([])
  })
})
