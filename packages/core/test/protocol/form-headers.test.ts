import { describe, expect, it } from 'vitest'
import { OAuthError } from '../../src/errors.ts'
import { checkFormHeaders } from '../../src/protocol/form-headers.ts'

const FORM = 'application/x-www-form-urlencoded'
const outcome = (contentType: string | undefined, query = '') => {
  try {
    checkFormHeaders({ contentType, query })
  } catch (error) {
    return error instanceof OAuthError ? `${error.status} ${error.code}` : error
  }
  return 'accepted'
}

describe('checkFormHeaders', () => {
  it.each([
    FORM,
    'APPLICATION/X-WWW-Form-URLEncoded',
    `${FORM};`,
    `${FORM}; charset=utf-8`,
    `${FORM};charset=UTF-8`,
    `${FORM} \t;\tcharset = "utf-8"`,
    `${FORM}; charset=utf8`,
    `${FORM}; boundary=x; charset=utf-8`,
    `${FORM}; q="a;b"`,
  ])('takes %j', (contentType) => {
    expect(outcome(contentType)).toBe('accepted')
  })

  it.each([
    undefined,
    '',
    'application/json',
    'multipart/form-data; boundary=x',
    'text/plain',
    `${FORM}x`,
    `${FORM}, application/json`,
    `x${FORM}`,
    `${FORM}; charset=utf-7`,
    `${FORM}; charset=iso-8859-1`,
    `${FORM}; charset="utf-16"`,
    `${FORM}; charset=`,
    `${FORM}; charset=utf-8; charset=utf-7`,
    `${FORM}; charset=utf-88`,
    `${FORM}; charset="utf-8;x"`,
    `${FORM}; a=b;charset=utf-7`,
    `${FORM}\n; charset=utf-8`,
  ])('refuses %j', (contentType) => {
    expect(outcome(contentType)).toBe('400 invalid_request')
  })

  it.each([
    'client_secret=x',
    'client_assertion=x',
    'token=x',
    'token',
    'a=b&token=x',
    '%74oken=x',
    'client%5Fsecret=x',
    'client_secret=%zz',
  ])('refuses the query %j: it holds a secret', (query) => {
    expect(outcome(FORM, query)).toBe('400 invalid_request')
  })

  it.each(['', 'scope=a', 'token_type_hint=x', '%zz=1', 'tokens=1', 'a=token'])('ignores the query %j', (query) => {
    expect(outcome(FORM, query)).toBe('accepted')
  })

  it('says to the operator, and not to the client, that the secret is known to others now', () => {
    const check = () => checkFormHeaders({ contentType: FORM, query: 'client_secret=hunter2' })
    expect(check).toThrow(/^secrets and tokens must not be sent in the URL$/)
    expect(check).toThrow(
      expect.objectContaining({
        reason: 'a secret or a token was sent in the URL and must be considered known to others',
      }),
    )
  })
})
