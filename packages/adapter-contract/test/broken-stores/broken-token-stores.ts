import type { TokenStorePromise } from '@latchkey/adapter-contract'
import type { AccessTokenRecord, TokenId, TokenStore } from '@latchkey/core'
import type { Broken } from './broken.ts'
import { interruption, throughUtf8, without, withTexts } from './broken.ts'
import { brokenRevocations } from './broken-revocations.ts'

/** Finds what `change` makes of the record. */
const changing =
  (change: (record: AccessTokenRecord) => AccessTokenRecord) =>
  (honest: TokenStore): TokenStore => ({
    ...honest,
    async find(id) {
      const record = await honest.find(id)
      return record && change(record)
    },
  })

const changingTexts = (change: (text: string) => string): ((honest: TokenStore) => TokenStore) =>
  changing((record) => ({ ...withTexts(record, change), id: record.id }))

const changingClaims = (change: (claims: object) => unknown): ((honest: TokenStore) => TokenStore) =>
  changing((record) =>
    record.claims === undefined ? record : ({ ...record, claims: change(record.claims) } as AccessTokenRecord),
  )

/** Remembers the objects themselves: what is saved by `keepSaved`, and what is found by `keepFound`. */
const holding = (keep: 'saved' | 'found', handOut: (record: AccessTokenRecord) => AccessTokenRecord) => {
  return (honest: TokenStore): TokenStore => {
    const held = new Map<TokenId, AccessTokenRecord>()
    return {
      ...honest,
      async save(record) {
        if (keep === 'saved') held.set(record.id, record)
        await honest.save(record)
      },
      async find(id) {
        const found = await honest.find(id)
        if (found !== undefined && !held.has(id)) held.set(id, found)
        const record = held.get(id)
        return found && record && handOut(record)
      },
    }
  }
}

export const brokenTokenStores: Broken<TokenStore, TokenStorePromise> = {
  ...brokenRevocations,
  'There every string comes back as it was, NUL, lone surrogates and the name `__proto__` too': {
    'takes text for UTF-8': changingTexts(throughUtf8),
    'drops NUL from claims': changingClaims((claims) => withTexts(claims, (text) => text.replaceAll('\0', ''))),
    'assigns members one by one': changingClaims((claims) => Object.assign({}, claims)),
    'drops members named __proto__': changingClaims((claims) =>
      JSON.parse(JSON.stringify(claims), (name, value) => (name === '__proto__' ? undefined : value)),
    ),
  },
  "What was saved does not change with the caller's object": {
    'keeps the object that it was given': holding('saved', (record) => structuredClone(record)),
    'keeps the lists that it was given': (honest) => {
      const lists = new Map<TokenId, readonly string[]>()
      return {
        ...changing((record) => ({ ...record, scopes: [...(lists.get(record.id) ?? [])] }))(honest),
        async save(record) {
          lists.set(record.id, record.scopes)
          await honest.save(record)
        },
      }
    },
  },
  'saving one again does not change the record': {
    'keeps the record that was saved last': (honest) => {
      const last = new Map<TokenId, AccessTokenRecord>()
      return {
        ...changing((record) => structuredClone(last.get(record.id) ?? record))(honest),
        async save(record) {
          last.set(record.id, structuredClone(record))
          await honest.save(record)
        },
      }
    },
    'throws when the id is taken': (honest) => ({
      ...honest,
      async save(record) {
        if (await honest.find(record.id)) throw new Error('duplicate key value violates unique constraint')
        await honest.save(record)
      },
    }),
    'writes a record member by member': (honest) => {
      const scopes = new Map<TokenId, readonly string[]>()
      return {
        ...changing((record) => ({ ...record, scopes: scopes.get(record.id) ?? record.scopes }))(honest),
        async save(record) {
          await honest.save(record)
          await interruption()
          if (sameSubject(await honest.find(record.id), record) || !scopes.has(record.id))
            scopes.set(record.id, structuredClone(record.scopes))
          else scopes.set(record.id, ['another'])
        },
      }
    },
  },
  'One read, of everything that was saved': {
    'saves nothing': (honest) => ({ ...honest, save: async () => {} }),
    'saves when it has time': (honest) => ({
      ...honest,
      async save(record) {
        void interruption().then(() => honest.save(record))
      },
    }),
    'forgets the credential': changing((record) => without(record, 'credentialId')),
    'forgets what a token is bound to': changing((record) => without(record, 'confirmation')),
    'forgets the certificate beside the key': changing(({ confirmation, ...record }) =>
      confirmation?.jkt === undefined
        ? { ...record, ...(confirmation && { confirmation }) }
        : { ...record, confirmation: { jkt: confirmation.jkt } },
    ),
    'forgets claims without members': changing(({ claims, ...record }) =>
      claims === undefined || Object.keys(claims).length === 0 ? record : { ...record, claims },
    ),
    'has claims where there are none': changing((record) => ({ claims: {}, ...record })),
    'answers with undefined members': changing(
      (record) => ({ credentialId: undefined, ...record }) as AccessTokenRecord,
    ),
    'sorts lists': changing((record) => ({ ...record, scopes: record.scopes.toSorted() })),
    'joins scopes and splits them again': changing((record) => ({
      ...record,
      scopes: record.scopes.join(' ').split(' '),
    })),
    'normalises text': changingTexts((text) => text.normalize()),
    'trims text': changingTexts((text) => text.trim()),
    'counts time in 32 bits': changing((record) => ({ ...record, expiresAt: record.expiresAt | 0 })),
    'refuses times beyond 9 digits of a TTL': (honest) => ({
      ...honest,
      async save(record) {
        if (record.expiresAt > 99_999_999_999) throw new Error('value is not an integer or out of range')
        await honest.save(record)
      },
    }),
    'mixes up what is saved at once': (honest) => {
      let waiting: AccessTokenRecord[] = []
      return {
        ...honest,
        async save(record) {
          waiting.push(record)
          await interruption()
          const batch = waiting
          waiting = []
          for (const [index, one] of batch.entries())
            await honest.save({ ...one, subject: batch[(index + 1) % batch.length]?.subject ?? '' })
        },
      }
    },
  },
  "What is handed out is the caller's: changing it changes nothing here": {
    'hands out the one object that it holds': holding('found', (record) => record),
    'copies the outermost object alone': holding('found', (record) => ({ ...record })),
    'hands out lists that records share': (honest) => {
      const shared = new Map<string, readonly string[]>()
      return changing((record) => {
        const key = record.audience.join(' ')
        if (!shared.has(key)) shared.set(key, record.audience)
        return { ...record, audience: shared.get(key) ?? [] }
      })(honest)
    },
  },
}

const sameSubject = (one: AccessTokenRecord | undefined, other: AccessTokenRecord): boolean =>
  one?.subject === other.subject
