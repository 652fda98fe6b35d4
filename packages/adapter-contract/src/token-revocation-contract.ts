import type { TokenId, TokenStore } from '@latchkey/core'
import { assertSame } from './assertions.ts'
import type { ContractCase } from './contract-case.ts'
import { freshTokenId } from './fresh.ts'
import { HOSTILE_STRINGS } from './hostile-strings.ts'
import { race } from './race.ts'
import { plainToken } from './samples.ts'
import { LIVE } from './times.ts'

/** The sentences of `TokenStore` about tokens that are unknown or revoked. */
export type TokenRevocationPromise =
  | '`undefined` for an unknown id, whatever it holds, and for a revoked one'
  | 'Idempotent, and as durable as `save`'
  | 'Also for a self-contained token, which is never saved'
  | 'A later `save` does not undo it'
  | 'Asked for self-contained tokens only: a reference token is known to be good by `find`'

/** Ids that no token has: nothing may be found by them, and nothing may break. */
const hostileIds = (id: TokenId): readonly TokenId[] =>
  [...HOSTILE_STRINGS, ...HOSTILE_STRINGS.map((text) => `${id}${text}`), id.toLowerCase(), id.slice(0, -1)].filter(
    (text) => text !== id,
  ) as TokenId[]

export const tokenRevocationContract: readonly ContractCase<TokenStore, TokenRevocationPromise>[] = [
  {
    title: 'finds nothing by an unknown id, a hostile one included',
    promise: '`undefined` for an unknown id, whatever it holds, and for a revoked one',
    async check(tokens) {
      const token = plainToken(freshTokenId())
      await tokens.save(token)
      for (const id of [freshTokenId(), ...hostileIds(token.id)])
        assertSame(await tokens.find(id), undefined, `the record by the id ${JSON.stringify(id)}`)
    },
  },
  {
    title: 'finds a revoked token no more, and every other one still',
    promise: '`undefined` for an unknown id, whatever it holds, and for a revoked one',
    async check(tokens) {
      const [revoked, other] = [plainToken(freshTokenId()), plainToken(freshTokenId())]
      await tokens.save(revoked)
      await tokens.save(other)
      await tokens.revoke(revoked.id, LIVE)
      assertSame(await tokens.find(revoked.id), undefined, 'the revoked record')
      assertSame(await tokens.find(other.id), other, 'the other record')
    },
  },
  {
    title: 'revokes a token again and again, and fifty times at once',
    promise: 'Idempotent, and as durable as `save`',
    async check(tokens) {
      const token = plainToken(freshTokenId())
      await tokens.save(token)
      const selfContained = freshTokenId()
      for (const id of [token.id, selfContained]) {
        await race((racer) => tokens.revoke(id, LIVE + (racer % 7)))
        await tokens.revoke(id, LIVE)
      }
      assertSame(await tokens.find(token.id), undefined, 'the record found')
      assertSame(await tokens.isRevoked(selfContained), true, 'whether the self-contained one is revoked')
    },
  },
  {
    title: 'revokes a token that was never saved',
    promise: 'Also for a self-contained token, which is never saved',
    async check(tokens) {
      const id = freshTokenId()
      await tokens.revoke(id, LIVE)
      assertSame(await tokens.isRevoked(id), true, 'whether it is revoked')
      assertSame(await tokens.find(id), undefined, 'the record found')
    },
  },
  {
    title: 'keeps a token revoked that is saved afterwards',
    promise: 'A later `save` does not undo it',
    async check(tokens) {
      const token = plainToken(freshTokenId())
      await tokens.save(token)
      await tokens.revoke(token.id, LIVE)
      await tokens.save(token)
      assertSame(await tokens.find(token.id), undefined, 'the record that was saved before too')
      const unsaved = plainToken(freshTokenId())
      await tokens.revoke(unsaved.id, LIVE)
      await tokens.save(unsaved)
      assertSame(await tokens.find(unsaved.id), undefined, 'the record that was not saved before')
      assertSame(await tokens.isRevoked(unsaved.id), true, 'whether it is revoked')
    },
  },
  {
    title: 'keeps a token revoked that is saved at the same time',
    promise: 'A later `save` does not undo it',
    async check(tokens) {
      const found = await race(async (racer) => {
        const token = plainToken(freshTokenId())
        const steps = [() => tokens.save(token), () => tokens.revoke(token.id, LIVE)]
        await Promise.all((racer % 2 === 0 ? steps : steps.toReversed()).map((step) => step()))
        return tokens.find(token.id)
      })
      assertSame(
        found.filter((record) => record !== undefined),
        [],
        'the records found',
      )
    },
  },
  {
    title: 'knows no revocation of a token that nobody revoked, by hostile ids too',
    promise: 'Asked for self-contained tokens only: a reference token is known to be good by `find`',
    async check(tokens) {
      const revoked = freshTokenId()
      await tokens.revoke(revoked, LIVE)
      const saved = plainToken(freshTokenId())
      await tokens.save(saved)
      for (const id of [saved.id, freshTokenId(), ...hostileIds(revoked)])
        assertSame(await tokens.isRevoked(id), false, `whether ${JSON.stringify(id)} is revoked`)
    },
  },
]
