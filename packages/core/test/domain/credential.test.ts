import { expect, it } from 'vitest'
import { isHumanChosen, isLive } from '../../src/domain/credential.ts'
import { CHOSEN, credentialOf, REPORTS } from '../test-server.ts'

it('counts from its first second until just before its end', () => {
  const credential = credentialOf(REPORTS, { notBefore: 10, expiresAt: 20 })
  expect([9, 10, 19, 20].map((now) => isLive(credential, now))).toEqual([false, true, true, false])
})

it('counts always when no times are given', () => {
  expect([0, Number.MAX_SAFE_INTEGER].map((now) => isLive(credentialOf(REPORTS), now))).toEqual([true, true])
})

it('tells by its hash who chose the secret', () => {
  expect(isHumanChosen(credentialOf(REPORTS))).toBe(false)
  expect(isHumanChosen({ kind: 'secret', id: 'a', hash: CHOSEN.hash })).toBe(true)
})
