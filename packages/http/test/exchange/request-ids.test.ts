import { expect, it } from 'vitest'
import { createRequestIds } from '../../src/exchange/request-ids.ts'

it('never makes a name twice, in one process or in two', () => {
  const [one, other] = [createRequestIds(), createRequestIds()]
  const names = Array.from({ length: 1000 }, () => [one(), other()]).flat()
  expect(new Set(names).size).toBe(2000)
  expect(names.every((name) => /^[0-9a-z]+-[0-9a-z]+$/.test(name))).toBe(true)
})
