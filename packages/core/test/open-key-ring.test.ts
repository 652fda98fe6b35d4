import { describe, expect, it, vi } from 'vitest'
import type { SigningAlgorithm } from '../src/index.ts'
import { keysInSight, openRing } from './signing-keys.ts'
import { NOW } from './test-server.ts'

describe('opening a key ring', () => {
  it.each([
    ['masterKey', { masterKey: 'hush' }, 'masterKey must be 32 bytes in base64url: 43 characters'],
    ['previousMasterKey', { previousMasterKey: 'hush' }, 'previousMasterKey must be 32 bytes'],
    ['alg', { alg: 'HS256' as SigningAlgorithm }, 'alg must be one of ES256'],
    ['alg', { alg: [] as never }, 'alg must be one of ES256'],
    ['alg', { alg: ['ES256', 'HS256'] as never }, 'alg must be one of ES256'],
    ['alg', { alg: ['ES256', 'ES256'] as never }, 'alg must name each algorithm once'],
    ['refreshSeconds', { refreshSeconds: 0 }, 'refreshSeconds must be a whole number of seconds from 1'],
    ['clockSkewSeconds', { clockSkewSeconds: -1 }, 'clockSkewSeconds must be a whole number of seconds from 0'],
    ['rotateEverySeconds', { rotateEverySeconds: 1.5 }, 'rotateEverySeconds must be a whole number'],
  ])('refuses a wrong %s by name, and repeats no key', async (_name, options, message) => {
    const opening = openRing(options)
    await expect(opening).rejects.toThrow(message)
    await expect(opening).rejects.not.toThrow('hush')
  })

  it('draws a master key that nobody else has, where the store is as forgetful', async () => {
    const store = keysInSight()
    const ring = await openRing({ store, masterKey: 'ephemeral' })
    expect(ring.signingKey(NOW).alg).toBe('ES256')
    await expect(openRing({ store, masterKey: 'ephemeral' })).rejects.toThrow('none of the 1 signing keys')
    await ring.close()
  })

  it('looks at the store again and again, keeps no process alive for it, and ends', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      const store = keysInSight()
      const looks = vi.spyOn(store, 'list')
      const ring = await openRing({ store, refreshSeconds: 5 })
      const before = looks.mock.calls.length
      await vi.advanceTimersByTimeAsync(10_000)
      expect(looks.mock.calls.length - before).toBe(2)
      await ring.close()
      await ring.close()
      // The last look for what is late, a quarter of a second after the store was asked, finds nothing.
      await vi.advanceTimersByTimeAsync(250)
      expect(vi.getTimerCount()).toBe(0)
      expect(looks.mock.calls.length - before).toBe(2)
    } finally {
      vi.useRealTimers()
    }
    const timeouts = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timeouts()
    const ring = await openRing()
    expect(timeouts()).toBe(before)
    await ring.close()
  })
})
