import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  answerResponse,
  documentResponse,
  errorResponse,
  OAUTH_ERRORS,
  OAuthError,
  type OAuthErrorCode,
  tokenResponse,
} from '../../src/index.ts'

describe('errorResponse', () => {
  it('writes status, headers in a fixed order, and the two members of the body', () => {
    const error = new OAuthError('invalid_client', 'client authentication failed', {
      reason: 'no such client',
      challenge: 'Basic realm="a"',
      retryAfterSeconds: 3,
      allow: 'POST',
      cause: new Error('underneath'),
    })
    expect(errorResponse(error)).toEqual({
      status: 401,
      headers: expect.anything() as object,
      body: '{"error":"invalid_client","error_description":"client authentication failed"}',
    })
    expect(Object.entries(errorResponse(error).headers)).toEqual([
      ['content-type', 'application/json'],
      ['cache-control', 'no-store'],
      ['pragma', 'no-cache'],
      ['www-authenticate', 'Basic realm="a"'],
      ['retry-after', '3'],
      ['allow', 'POST'],
    ])
  })

  it.each(Object.entries(OAUTH_ERRORS))('answers %s with %i', (code, status) => {
    const response = errorResponse(new OAuthError(code as OAuthErrorCode, 'a sentence'))
    expect([response.status, Object.keys(response.headers)]).toEqual([
      status,
      ['content-type', 'cache-control', 'pragma'],
    ])
  })

  it.each([
    new Error('the password is hunter2'),
    new TypeError('x'),
    'hunter2',
    undefined,
    null,
    { status: 200, code: 'hunter2' },
  ])('makes a fault of the server of %j, and tells nothing of it', (thrown) => {
    expect(errorResponse(thrown)).toEqual({
      status: 500,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store', pragma: 'no-cache' },
      body: '{"error":"server_error","error_description":"the server failed"}',
    })
  })

  it('keeps a description within the characters that may stand there, whoever worded it', () => {
    const { body } = errorResponse(new OAuthError('invalid_scope', 'no "wrïte"\\\r\n for you\u0000'))
    expect(JSON.parse(body)).toEqual({ error: 'invalid_scope', error_description: 'no ?wr?te???? for you?' })
  })
})

describe('answerResponse', () => {
  it('is JSON that nobody keeps, or empty', () => {
    expect(answerResponse({ active: false })).toEqual({
      status: 200,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store', pragma: 'no-cache' },
      body: '{"active":false}',
    })
    expect(answerResponse(undefined)).toEqual({
      status: 200,
      headers: { 'cache-control': 'no-store', pragma: 'no-cache' },
      body: '',
    })
  })

  it('lets nobody add to the headers that all answers share', () => {
    for (const answer of [undefined, {}])
      expect(() => Object.assign(answerResponse(answer).headers, { 'x-mine': '1' })).toThrow('not extensible')
  })
})

describe('tokenResponse', () => {
  const scope = fc.stringMatching(/^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/)
  const answers = fc.record(
    {
      access_token: fc.stringMatching(/^[\w.-]+$/),
      token_type: fc.constantFrom('Bearer' as const, 'DPoP' as const),
      expires_in: fc.integer({ min: 1 }),
      scope,
    },
    { requiredKeys: ['access_token', 'token_type', 'expires_in'] },
  )

  it('is what JSON makes of the answer, whatever the token and its scopes', () => {
    fc.assert(
      fc.property(answers, (answer) => {
        expect(tokenResponse(answer)).toEqual(answerResponse(answer))
      }),
    )
  })
})

it('lets anybody keep a document for a while', () => {
  expect(documentResponse({ a: 1 })).toEqual({
    status: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'public, max-age=300' },
    body: '{"a":1}',
  })
})
