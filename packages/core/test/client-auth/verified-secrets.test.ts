import { expect, it } from 'vitest'
import { createVerifiedSecrets } from '../../src/client-auth/verified-secrets.ts'

it('remembers for sixty seconds', () => {
  const verified = createVerifiedSecrets()
  verified.add('a', 1000)
  expect([1000, 1059, 1060].map((now) => verified.has('a', now))).toEqual([true, true, false])
  expect(verified.has('b', 1000)).toBe(false)
})

it('remembers ten thousand, and lets the oldest make room', () => {
  const verified = createVerifiedSecrets()
  for (let n = 0; n < 10_000; n += 1) verified.add(`${n}`, 1000)
  expect([verified.has('0', 1000), verified.has('9999', 1000)]).toEqual([true, true])
  // Once more is no further one: nobody makes room for it.
  verified.add('5', 1000)
  expect(verified.has('0', 1000)).toBe(true)
  verified.add('0', 1000)
  verified.add('new', 1000)
  expect(['0', '1', '2', 'new'].map((fingerprint) => verified.has(fingerprint, 1000))).toEqual([
    true,
    false,
    true,
    true,
  ])
})
