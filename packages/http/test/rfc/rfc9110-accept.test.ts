import { describe, expect, it } from 'vitest'
import { checkAcceptsJson } from '../../src/exchange/accept.ts'

describe('RFC 9110 §12.5.1', () => {
  it.each([
    undefined,
    '',
    ' , ',
    '*/*',
    'application/*',
    'application/json',
    'APPLICATION/JSON',
    'application/json; q=0.001',
    'application/json;charset=utf-8',
    'text/html, application/json',
    'text/html;q=1, */*;q=0.1',
    '*/*;q=0, application/json',
    'application/*;q=0, application/json;q=0.5',
    'application/json;q=0, application/json;q=1',
    'application/json;q=nonsense',
    'application/token-introspection+jwt, application/json;q=0.5',
  ])('RFC 9110 §12.5.1 · I12 · answers whoever sends "%s" in JSON', (accept) => {
    expect(() => checkAcceptsJson(accept)).not.toThrow()
  })

  it.each([
    'text/html',
    'text/*',
    'application/jwt',
    'application/token-introspection+jwt',
    'application/json;q=0',
    'application/json;q=0.000',
    '*/*;q=0',
    '*/*, application/json;q=0',
    'application/*, application/json;q=0',
    '*/*;q=1, application/*;q=0',
    'application/jsonx',
  ])('RFC 9110 §12.5.1 · I12 · refuses whoever sends "%s"', (accept) => {
    expect(() => checkAcceptsJson(accept)).toThrow(expect.objectContaining({ code: 'invalid_request', status: 406 }))
  })
})
