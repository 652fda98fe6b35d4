import type { AdapterWith, SweeperAndReplaysPromise, SweeperAndTokensPromise } from '@latchkey/adapter-contract'
import type { EpochSeconds, Sweeper, TokenId, TokenStore } from '@latchkey/core'
import type { Broken } from './broken.ts'

type WithTokens = AdapterWith<'sweeper' | 'tokens'>
type WithReplays = AdapterWith<'sweeper' | 'replays'>

const YEAR = 365 * 86_400

/** Sweeps at another time than it was told. */
const sweepingAt =
  (change: (now: EpochSeconds) => EpochSeconds) =>
  <Subject extends { readonly sweeper: Sweeper }>(honest: Subject): Subject => ({
    ...honest,
    sweeper: { sweep: (now) => honest.sweeper.sweep(change(now)) },
  })

const withTokens = ({ sweeper, tokens }: WithTokens, changed: Partial<TokenStore>): WithTokens => ({
  sweeper,
  tokens: { ...tokens, ...changed },
})

export const brokenSweepersOfTokens: Broken<WithTokens, SweeperAndTokensPromise> = {
  'Forgets what may be forgotten at `now`, and nothing else': {
    'forgets nothing': sweepingAt(() => 0),
    'sweeps by a clock of its own': sweepingAt(() => 1_800_000_000),
    'forgets no revocations': ({ sweeper, tokens }) => {
      const revoked = new Set<TokenId>()
      return {
        sweeper,
        tokens: {
          ...tokens,
          async revoke(id, expiresAt) {
            revoked.add(id)
            await tokens.revoke(id, expiresAt)
          },
          isRevoked: async (id) => revoked.has(id),
        },
      }
    },
  },
  'how many records it forgot': {
    'counts nothing': (honest) => ({
      ...honest,
      sweeper: { sweep: async (now) => (await honest.sweeper.sweep(now)) * 0 },
    }),
    'always counts three': (honest) => ({
      ...honest,
      sweeper: { sweep: async (now) => Math.max(3, await honest.sweeper.sweep(now)) },
    }),
  },
  'It may forget a record once its `expiresAt` has passed, and must not forget it before': {
    'forgets what expires this very second': sweepingAt((now) => now + 1),
    'forgets everything': sweepingAt(() => Number.MAX_SAFE_INTEGER),
    'forgets a revocation with its token': (honest) =>
      withTokens(honest, {
        async revoke(id, expiresAt) {
          const record = await honest.tokens.find(id)
          await honest.tokens.revoke(id, record?.expiresAt ?? expiresAt)
        },
      }),
    'keeps a revocation for a year at most': (honest) =>
      withTokens(honest, {
        revoke: (id, expiresAt) => honest.tokens.revoke(id, Math.min(expiresAt, 1_800_000_000 + YEAR)),
      }),
  },
  'of two calls the later expiry stays': {
    'keeps the expiry that came first': (honest) =>
      withTokens(honest, {
        async revoke(id, expiresAt) {
          if (!(await honest.tokens.isRevoked(id))) await honest.tokens.revoke(id, expiresAt)
        },
      }),
    'keeps the expiry that came last': ({ sweeper, tokens }) => {
      const revocations = new Map<TokenId, EpochSeconds>()
      return {
        tokens: {
          ...tokens,
          isRevoked: async (id) => revocations.has(id),
          revoke: async (id, expiresAt) => {
            revocations.set(id, expiresAt)
          },
        },
        sweeper: {
          async sweep(now) {
            for (const [id, expiresAt] of revocations) if (expiresAt < now) revocations.delete(id)
            return sweeper.sweep(now)
          },
        },
      }
    },
  },
}

export const brokenSweepersOfClaims: Broken<WithReplays, SweeperAndReplaysPromise> = {
  'Forgets what may be forgotten at `now`, and nothing else': {
    'forgets nothing': sweepingAt(() => 0),
    'sweeps by a clock of its own': sweepingAt(() => 1_800_000_000),
  },
  'the guard may forget the key once this second has passed, and must not forget it before': {
    'forgets what expires this very second': sweepingAt((now) => now + 1),
    'forgets everything': sweepingAt(() => Number.MAX_SAFE_INTEGER),
    'keeps the expiry that came last': () => {
      const claims = new Map<string, EpochSeconds>()
      return {
        replays: {
          async claim(key, expiresAt) {
            const known = claims.has(key)
            claims.set(key, expiresAt)
            return !known
          },
        },
        sweeper: {
          async sweep(now) {
            const before = claims.size
            for (const [key, expiresAt] of claims) if (expiresAt < now) claims.delete(key)
            return before - claims.size
          },
        },
      }
    },
    'goes by the first expiry that it ever saw': () => {
      const first = new Map<string, EpochSeconds>()
      const claims = new Set<string>()
      return {
        replays: {
          async claim(key, expiresAt) {
            if (claims.has(key)) return false
            if (!first.has(key)) first.set(key, expiresAt)
            claims.add(key)
            return true
          },
        },
        sweeper: {
          async sweep(now) {
            const before = claims.size
            for (const key of claims) if ((first.get(key) ?? 0) < now) claims.delete(key)
            return before - claims.size
          },
        },
      }
    },
  },
}
