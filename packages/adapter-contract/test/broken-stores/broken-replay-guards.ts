import type { ReplayGuardPromise } from '@latchkey/adapter-contract'
import type { ReplayGuard } from '@latchkey/core'
import type { Broken } from './broken.ts'
import { interruption, throughUtf8 } from './broken.ts'

/** Claims another key than the one that was meant. */
const claimingBy =
  (change: (key: string, expiresAt: number) => string) =>
  (honest: ReplayGuard): ReplayGuard => ({ claim: (key, expiresAt) => honest.claim(change(key, expiresAt), expiresAt) })

export const brokenReplayGuards: Broken<ReplayGuard, ReplayGuardPromise> = {
  'Lets each key through once, whatever `expiresAt` comes with it: the `jti` of an assertion or of a proof': {
    'lets a key through once for each expiry': claimingBy((key, expiresAt) => `${key} ${expiresAt}`),
    'lets a key through again with a later expiry': (honest) => {
      const claims = new Map<string, number>()
      return {
        async claim(key, expiresAt) {
          const known = claims.get(key) ?? -1
          claims.set(key, Math.max(known, expiresAt))
          return known < expiresAt && ((await honest.claim(key, expiresAt)) || true)
        },
      }
    },
    'lets one key of many at once through': (honest) => {
      let busy = false
      return {
        async claim(key, expiresAt) {
          if (busy) return false
          busy = true
          await interruption()
          busy = false
          return honest.claim(key, expiresAt)
        },
      }
    },
  },
  'A key may be any string': {
    'breaks on a NUL': (honest) => ({
      async claim(key, expiresAt) {
        if (key.includes('\0')) throw new Error('invalid byte sequence for encoding "UTF8": 0x00')
        return honest.claim(key, expiresAt)
      },
    }),
    'breaks on a key that is too long for an index': (honest) => ({
      async claim(key, expiresAt) {
        if (key.length > 2704) throw new Error('index row size exceeds btree version 4 maximum 2704')
        return honest.claim(key, expiresAt)
      },
    }),
    'holds keys in a plain object': () => {
      const claims: Record<string, number> = {}
      return {
        async claim(key, expiresAt) {
          if (claims[key] !== undefined && key !== '__proto__') return false
          claims[key] = expiresAt
          return true
        },
      }
    },
    'lets the empty key through': (honest) => ({
      claim: async (key, expiresAt) => key === '' || honest.claim(key, expiresAt),
    }),
    'lets a key through whose lines it reads one by one': (honest) => ({
      claim: async (key, expiresAt) => key.includes('\r\n') || honest.claim(key, expiresAt),
    }),
  },
  'two are the same only when all their UTF-16 code units are': {
    'takes keys for UTF-8': claimingBy(throughUtf8),
    'normalises keys': claimingBy((key) => key.normalize()),
    'ignores case': claimingBy((key) => key.toLowerCase()),
    'trims keys': claimingBy((key) => key.trim()),
    'ends a key at a NUL': claimingBy((key) => key.split('\0', 1)[0] ?? ''),
    'cuts long keys': claimingBy((key) => key.slice(0, 1024)),
  },
  'true for the first claim, false for every other': {
    'lets everything through': () => ({ claim: async () => true }),
    'lets nothing through': () => ({ claim: async () => false }),
    'answers OK, as its backend does': (honest) => ({
      claim: async (key, expiresAt) => ((await honest.claim(key, expiresAt)) ? 'OK' : null) as unknown as boolean,
    }),
    'refuses what has expired already': (honest) => ({
      claim: async (key, expiresAt) => expiresAt > 1_000_000_000 && honest.claim(key, expiresAt),
    }),
  },
  'of fifty at once exactly one wins': {
    'looks before it claims': () => {
      const claims = new Set<string>()
      return {
        async claim(key) {
          if (claims.has(key)) return false
          await interruption()
          claims.add(key)
          return true
        },
      }
    },
    'lets nobody win who is not alone': (honest) => {
      const claiming = new Map<string, number>()
      return {
        async claim(key, expiresAt) {
          claiming.set(key, (claiming.get(key) ?? 0) + 1)
          await interruption()
          return claiming.get(key) === 1 && honest.claim(key, expiresAt)
        },
      }
    },
  },
}
