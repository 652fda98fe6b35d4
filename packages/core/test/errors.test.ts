import { expect, it } from 'vitest'
import { OAUTH_ERRORS, OAuthError, type OAuthErrorCode } from '../src/index.ts'

it('takes the status of its code from the table, unless a more exact one is given', () => {
  for (const [code, status] of Object.entries(OAUTH_ERRORS))
    expect(new OAuthError(code as OAuthErrorCode, 'a sentence')).toMatchObject({ code, status, message: 'a sentence' })
  expect(new OAuthError('invalid_request', 'too large', { status: 413 }).status).toBe(413)
})

it('is an error with a name, a stack and a cause', () => {
  const cause = new Error('underneath')
  const error = new OAuthError('server_error', 'the server failed', { cause })
  expect(error).toBeInstanceOf(Error)
  expect(String(error)).toBe('OAuthError: the server failed')
  expect([error.cause, typeof error.stack]).toEqual([cause, 'string'])
  expect('cause' in new OAuthError('server_error', 'the server failed')).toBe(false)
})

it('never joins what the client reads with what the operator reads', () => {
  const { message, reason } = new OAuthError('invalid_client', 'client authentication failed', {
    reason: 'no such client',
  })
  expect([message, reason]).toEqual(['client authentication failed', 'no such client'])
})
