import { describe, expect, it } from 'vitest'
import { introspectionFormat } from '../../src/exchange/accept.ts'

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
    expect(introspectionFormat(accept, false)).toBe('json')
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
    expect(() => introspectionFormat(accept, false)).toThrow(
      expect.objectContaining({ code: 'invalid_request', status: 406 }),
    )
  })

  it.each([
    ['application/token-introspection+jwt', 'jwt'],
    ['Application/Token-Introspection+JWT', 'jwt'],
    ['application/token-introspection+jwt;q=0.1', 'jwt'],
    ['application/token-introspection+jwt, application/json;q=0.5', 'jwt'],
    ['application/token-introspection+jwt, */*;q=0.1', 'jwt'],
    ['application/token-introspection+jwt, application/json;q=0', 'jwt'],
    ['*/*', 'json'],
    ['application/*', 'json'],
    [undefined, 'json'],
    ['application/json', 'json'],
    ['application/json, application/token-introspection+jwt', 'json'],
    ['application/json;q=0.9, application/token-introspection+jwt;q=0.8', 'json'],
    ['*/*, application/token-introspection+jwt;q=0', 'json'],
  ])('RFC 9110 §12.5.1 · I12 · answers "%s" where it can sign as %s', (accept, format) => {
    expect(introspectionFormat(accept, true)).toBe(format)
  })

  it.each([
    'text/html',
    'application/token-introspection+jwt;q=0',
    'application/*, application/json;q=0',
    'application/json;q=0, application/token-introspection+jwt;q=0',
  ])('RFC 9110 §12.5.1 · I12 · refuses "%s" though it can sign', (accept) => {
    expect(() => introspectionFormat(accept, true)).toThrow(expect.objectContaining({ status: 406 }))
  })
})
