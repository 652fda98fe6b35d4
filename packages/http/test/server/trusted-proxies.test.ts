import { describe, expect, it } from 'vitest'
import { trustedProxies } from '../../src/server/trusted-proxies.ts'

describe('trusted proxies', () => {
  it('are nobody unless somebody is named', () => {
    expect(trustedProxies([])('127.0.0.1')).toBe(false)
  })

  it.each([
    ['10.0.0.1', '10.0.0.1', true],
    ['10.0.0.1', '10.0.0.2', false],
    ['10.0.0.0/8', '10.255.1.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.0.0.0/8', '::ffff:10.1.1.1', true],
    ['10.0.0.0/8', '::ffff:a01:101', true],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['::1', '::1', true],
    ['::1', '::2', false],
    ['fd00::/8', 'fd12::1', true],
    ['fd00::/8', 'fe80::1', false],
    ['10.0.0.0/8', undefined, false],
    ['10.0.0.0/8', 'nonsense', false],
  ])('%s: whether %s is one is %s', (configured, address, expected) => {
    expect(trustedProxies([configured])(address)).toBe(expected)
  })

  it.each([
    'localhost',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    '::1/129',
    '10.0.0',
    '*',
    '10.0.0.0/x',
  ])('cannot be "%s"', (text) => {
    expect(() => trustedProxies([text])).toThrow(`"${text}" is neither an address nor a CIDR block`)
  })
})
