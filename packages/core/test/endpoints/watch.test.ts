import { describe, expect, it } from 'vitest'
import type { DomainEvent } from '../../src/domain/event.ts'
import { createWatch, type NamedRequest, type Seen } from '../../src/endpoints/watch.ts'
import { OAuthError } from '../../src/errors.ts'
import { credentialOf, NOW, posted, REPORTS, reports } from '../test-server.ts'

function watched(steps: (request: NamedRequest, seen: Seen) => Promise<unknown>) {
  const events: DomainEvent[] = []
  const watch = createWatch({ clock: { now: () => NOW }, emit: (event) => events.push(event) })
  return { endpoint: watch('token_refused', steps), events }
}
const outcomeOf = (promise: Promise<unknown>) => promise.catch((error: unknown) => error)

describe('the watch over an endpoint', () => {
  it('gives a request a name where it has none, and leaves one that it has', async () => {
    const { endpoint } = watched(async ({ requestId }) => requestId)
    expect(await endpoint({ ...posted({}), requestId: 'r-1' })).toBe('r-1')
    expect(await endpoint(posted({}))).toMatch(/^[\da-f-]{36}$/)
    expect(await endpoint(posted({}))).not.toBe(await endpoint(posted({})))
  })

  it('tells of a refusal, with client and credential as soon as they are seen', async () => {
    const { endpoint, events } = watched(async (_, seen) => {
      seen(reports(), credentialOf(REPORTS))
      throw new OAuthError('invalid_scope', 'the client may not have this scope', {
        reason: 'scope that it does not hold',
      })
    })
    await outcomeOf(endpoint({ ...posted({}), requestId: 'r-1' }))
    expect(events).toEqual([
      {
        type: 'token_refused',
        at: NOW,
        requestId: 'r-1',
        clientId: 'reports',
        credentialId: REPORTS.credentialId,
        error: 'invalid_scope',
        reason: 'scope that it does not hold',
      },
    ])
  })

  it('takes the message for the reason where there is no other, and names nobody who was not seen', async () => {
    const { endpoint, events } = watched(async () => {
      throw new OAuthError('invalid_request', 'grant_type is missing')
    })
    await outcomeOf(endpoint({ ...posted({}), requestId: 'r-1' }))
    expect(events).toEqual([
      { type: 'token_refused', at: NOW, requestId: 'r-1', error: 'invalid_request', reason: 'grant_type is missing' },
    ])
  })

  it('makes a fault of the server of whatever nobody foresaw, with its words for the operator alone', async () => {
    const { endpoint, events } = watched(async () => {
      throw new RangeError('not in range')
    })
    const error = await outcomeOf(endpoint(posted({})))
    expect(error).toMatchObject({
      code: 'server_error',
      message: 'the server failed',
      reason: 'RangeError: not in range',
    })
    expect(events).toMatchObject([{ error: 'server_error', reason: 'RangeError: not in range' }])
  })

  it('leaves failed authentication to the authenticator, which tells of it itself', async () => {
    const { endpoint, events } = watched(async () => {
      throw new OAuthError('invalid_client', 'client authentication failed')
    })
    await outcomeOf(endpoint(posted({})))
    expect(events).toEqual([])
  })

  it('tells of an invalid_client that a grant says after authentication', async () => {
    const { endpoint, events } = watched(async (_, seen) => {
      seen(reports())
      throw new OAuthError('invalid_client', 'not today')
    })
    await outcomeOf(endpoint(posted({})))
    expect(events).toMatchObject([{ type: 'token_refused', clientId: 'reports', error: 'invalid_client' }])
  })

  it('tells of nothing when all is well', async () => {
    const { endpoint, events } = watched(async () => 'done')
    expect([await endpoint(posted({})), events]).toEqual(['done', []])
  })
})
