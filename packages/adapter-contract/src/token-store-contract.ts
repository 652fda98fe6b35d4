import type { AccessTokenRecord, TokenStore } from '@latchkey/core'
import { assertSame, assertThat } from './assertions.ts'
import type { ContractCase } from './contract-case.ts'
import { deface } from './deface.ts'
import { freshTokenId } from './fresh.ts'
import { race } from './race.ts'
import { sameData } from './same-data.ts'
import { fullToken, plainToken } from './samples.ts'
import type { TokenRevocationPromise } from './token-revocation-contract.ts'
import { tokenRevocationContract } from './token-revocation-contract.ts'

/** The sentences of {@link TokenStore} that its contract checks. */
export type TokenStorePromise =
  | TokenRevocationPromise
  | 'There every string comes back as it was, NUL, lone surrogates and the name `__proto__` too'
  | "What was saved does not change with the caller's object"
  | 'saving one again does not change the record'
  | 'One read, of everything that was saved'
  | "What is handed out is the caller's: changing it changes nothing here"

/** What every {@link TokenStore} promises. */
export const tokenStoreContract: readonly ContractCase<TokenStore, TokenStorePromise>[] = [
  {
    title: 'finds everything that was saved, hostile text in all of it',
    promise: 'One read, of everything that was saved',
    async check(tokens) {
      const { claims: _, ...token } = fullToken(freshTokenId())
      await tokens.save(token)
      assertSame(await tokens.find(token.id), token, 'the record found')
    },
  },
  {
    title: 'finds a record without optional members, and adds none',
    promise: 'One read, of everything that was saved',
    async check(tokens) {
      const token = plainToken(freshTokenId())
      await tokens.save(token)
      assertSame(await tokens.find(token.id), token, 'the record found')
    },
  },
  {
    title: 'tells no claims from no members of claims',
    promise: 'One read, of everything that was saved',
    async check(tokens) {
      const token = { ...plainToken(freshTokenId()), claims: {} }
      await tokens.save(token)
      assertSame(await tokens.find(token.id), token, 'the record found')
    },
  },
  {
    title: 'finds what a record without claims is bound to',
    promise: 'One read, of everything that was saved',
    async check(tokens) {
      const { confirmation } = fullToken(freshTokenId())
      for (const bound of [{ jkt: confirmation?.jkt }, { x5tS256: confirmation?.x5tS256 }, confirmation]) {
        const token = { ...plainToken(freshTokenId()), confirmation: bound } as AccessTokenRecord
        await tokens.save(token)
        assertSame(await tokens.find(token.id), token, 'the record found')
      }
    },
  },
  {
    title: 'finds each of fifty records that were saved at once',
    promise: 'One read, of everything that was saved',
    async check(tokens) {
      const saved = await race(async (racer) => {
        const token = { ...plainToken(freshTokenId()), subject: `racer ${racer}`, scopes: [`scope:${racer % 3}`] }
        await tokens.save(token)
        return token
      })
      assertSame(await Promise.all(saved.map(({ id }) => tokens.find(id))), saved, 'the records found')
    },
  },
  {
    title: 'remembers a record that expires in the year 9999',
    promise: 'One read, of everything that was saved',
    async check(tokens) {
      const token = { ...plainToken(freshTokenId()), expiresAt: 253_402_300_799 }
      await tokens.save(token)
      assertSame(await tokens.find(token.id), token, 'the record found')
    },
  },
  {
    title: 'keeps claims that hold whatever JSON can write',
    promise: 'There every string comes back as it was, NUL, lone surrogates and the name `__proto__` too',
    async check(tokens) {
      const token = fullToken(freshTokenId())
      await tokens.save(token)
      assertSame(await tokens.find(token.id), token, 'the record found')
    },
  },
  {
    title: 'is not changed by changes to what was saved',
    promise: "What was saved does not change with the caller's object",
    async check(tokens) {
      const token = fullToken(freshTokenId())
      const caller = structuredClone(token)
      await tokens.save(caller)
      deface(caller)
      assertSame(await tokens.find(token.id), token, 'the record found')
    },
  },
  {
    title: 'is not changed by changes to what it handed out',
    promise: "What is handed out is the caller's: changing it changes nothing here",
    async check(tokens) {
      const token = fullToken(freshTokenId())
      await tokens.save(token)
      deface(await tokens.find(token.id))
      assertSame(await tokens.find(token.id), token, 'the record found again')
    },
  },
  {
    title: 'shares nothing between records that look alike',
    promise: "What is handed out is the caller's: changing it changes nothing here",
    async check(tokens) {
      const [one, other] = [plainToken(freshTokenId()), plainToken(freshTokenId())]
      await tokens.save(one)
      deface(await tokens.find(one.id))
      await tokens.save(other)
      assertSame(await tokens.find(other.id), other, 'the other record')
    },
  },
  {
    title: 'keeps the record that was saved first under an id',
    promise: 'saving one again does not change the record',
    async check(tokens) {
      const token = fullToken(freshTokenId())
      await tokens.save(token)
      await tokens.save({ ...plainToken(token.id), subject: 'second' })
      assertSame(await tokens.find(token.id), token, 'the record found')
    },
  },
  {
    title: 'keeps one whole record of fifty that were saved under one id at once',
    promise: 'saving one again does not change the record',
    async check(tokens) {
      const id = freshTokenId()
      const record = (racer: number) => ({ ...plainToken(id), subject: `racer ${racer}`, scopes: [`scope:${racer}`] })
      await race((racer) => tokens.save(record(racer)))
      const found = await tokens.find(id)
      const racer = Number(found?.subject.slice('racer '.length))
      assertThat(sameData(found, record(racer)), `no racer saved ${JSON.stringify(found)}`)
      await tokens.save(record(-1))
      assertSame(await tokens.find(id), found, 'the record found again')
    },
  },
  ...tokenRevocationContract,
]
