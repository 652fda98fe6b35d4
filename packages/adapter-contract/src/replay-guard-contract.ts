import type { ReplayGuard } from '@latchkey/core'
import { assertOneWinner, assertSame } from './assertions.ts'
import type { ContractCase } from './contract-case.ts'
import { freshName } from './fresh.ts'
import { HOSTILE_STRINGS } from './hostile-strings.ts'
import { race } from './race.ts'
import { LIVE } from './times.ts'

/** The sentences of {@link ReplayGuard} that its contract checks. */
export type ReplayGuardPromise =
  | 'Lets each key through once, whatever `expiresAt` comes with it: the `jti` of an assertion or of a proof'
  | 'A key may be any string'
  | 'two are the same only when all their UTF-16 code units are'
  | 'true for the first claim, false for every other'
  | 'of fifty at once exactly one wins'

/** What every {@link ReplayGuard} promises. */
export const replayGuardContract: readonly ContractCase<ReplayGuard, ReplayGuardPromise>[] = [
  {
    title: 'lets the first claim of a key through, and no other',
    promise: 'true for the first claim, false for every other',
    async check(replays) {
      const key = freshName('jti')
      const answers: boolean[] = []
      for (let claim = 0; claim < 3; claim++) answers.push(await replays.claim(key, LIVE))
      assertSame(answers, [true, false, false], 'the answers to three claims')
    },
  },
  {
    title: 'refuses a second claim that comes with another expiry, later or earlier',
    promise: 'Lets each key through once, whatever `expiresAt` comes with it: the `jti` of an assertion or of a proof',
    async check(replays) {
      const key = freshName('jti')
      const answers: boolean[] = []
      for (const expiresAt of [LIVE, LIVE + 1, LIVE - 1, LIVE + 86_400, 1])
        answers.push(await replays.claim(key, expiresAt))
      assertSame(answers, [true, false, false, false, false], 'the answers')
    },
  },
  {
    title: 'lets through the first claim of a key that has expired already',
    promise: 'true for the first claim, false for every other',
    async check(replays) {
      assertSame(await replays.claim(freshName('late'), 1), true, 'the answer')
    },
  },
  {
    title: 'lets one of fifty claims of one key through, each with an expiry of its own',
    promise: 'of fifty at once exactly one wins',
    async check(replays) {
      const key = freshName('raced')
      assertOneWinner(await race((racer) => replays.claim(key, LIVE + racer)), 'claims of one key')
      assertSame(await replays.claim(key, LIVE), false, 'the answer afterwards')
    },
  },
  {
    title: 'lets each of fifty keys through at once',
    promise: 'Lets each key through once, whatever `expiresAt` comes with it: the `jti` of an assertion or of a proof',
    async check(replays) {
      const key = freshName('many')
      const answers = await race((racer) => replays.claim(`${key}:${racer}`, LIVE))
      assertSame(
        answers.filter((answer) => !answer),
        [],
        'the claims refused',
      )
    },
  },
  {
    title: 'lets a hostile key through once, whatever stands around it',
    promise: 'A key may be any string',
    async check(replays) {
      for (const text of HOSTILE_STRINGS)
        for (const key of [`${freshName('before')}${text}`, `${text}${freshName('after')}`]) {
          const answers = [await replays.claim(key, LIVE), await replays.claim(key, LIVE)]
          assertSame(answers, [true, false], `the answers to two claims of ${JSON.stringify(key)}`)
        }
    },
  },
  {
    title: 'refuses a hostile key that was claimed by itself, the empty one included',
    promise: 'A key may be any string',
    async check(replays) {
      for (const key of HOSTILE_STRINGS) {
        // Whether it is the first claim depends on what this store has lived through.
        await replays.claim(key, LIVE)
        assertSame(await replays.claim(key, LIVE), false, `the answer to a second claim of ${JSON.stringify(key)}`)
      }
    },
  },
  {
    title: 'lets a key of four thousand random characters through once',
    promise: 'A key may be any string',
    async check(replays) {
      const key = Array.from({ length: 200 }, (_, index) => freshName(`${index}`)).join('.')
      assertSame([await replays.claim(key, LIVE), await replays.claim(key, LIVE)], [true, false], 'the answers')
    },
  },
  {
    title: 'takes no key for another that looks, sorts, folds, trims, normalises or encodes to the same',
    promise: 'two are the same only when all their UTF-16 code units are',
    async check(replays) {
      const fresh = freshName('Key')
      const keys = new Set([
        ...HOSTILE_STRINGS.flatMap((text) => [`${fresh}${text}`, `${text}${fresh}`, `${fresh}.${text}.`]),
        ...[fresh.toLowerCase(), fresh.toUpperCase(), fresh.slice(0, -1), `${fresh}=`],
      ])
      for (const key of keys) assertSame(await replays.claim(key, LIVE), true, `the claim of ${JSON.stringify(key)}`)
    },
  },
]
