import { describe, expect, it } from 'vitest'
import { createFingerprint, digestsEqual, randomUUID, scryptHash, scryptMatches, sha256 } from '../src/crypto.ts'
import { CHOSEN } from './test-server.ts'

const base64url = (hex: string) => Buffer.from(hex, 'hex').toString('base64url')

describe('sha256', () => {
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
  ])('agrees with FIPS 180-4 about %j', (text, digest) => {
    expect(sha256(text)).toBe(base64url(digest))
  })

  it('hashes the UTF-8 of a text', () => {
    expect(sha256('€')).toBe(base64url('c4cc90ed3d26f12d4b08a75140970a7904035c31cbb4515a83f19b9003c00d1d'))
  })
})

describe('digestsEqual', () => {
  it('tells equal digests from others', () => {
    expect(digestsEqual(sha256('a'), sha256('a'))).toBe(true)
    expect(digestsEqual(sha256('a'), sha256('b'))).toBe(false)
  })

  it.each(['', 'short', sha256('a').slice(1), `${sha256('a')}A`, `${sha256('a')}=`, '*'.repeat(43)])(
    'throws at %j, which is no digest: a broken one is no mismatch',
    (broken) => {
      expect(() => digestsEqual(sha256('a'), broken)).toThrow(RangeError)
      expect(() => digestsEqual(broken, sha256('a'))).toThrow(RangeError)
    },
  )
})

describe('createFingerprint', () => {
  it('gives the same for the same parts, and another for others, however they are divided', () => {
    const fingerprintOf = createFingerprint()
    expect(fingerprintOf(['a', 'b'])).toBe(fingerprintOf(['a', 'b']))
    const all = [['ab'], ['a', 'b'], ['', 'ab'], ['ab', ''], ['b', 'a'], ['1:a', 'b'], ['a1:b'], []].map(fingerprintOf)
    expect(new Set(all).size).toBe(all.length)
  })

  it('has a key of its own each time', () => {
    expect(createFingerprint()(['a'])).not.toBe(createFingerprint()(['a']))
  })
})

describe('scrypt', () => {
  // `CHOSEN.hash` was made by other means than the code under test.
  it('recognises a secret by a hash in PHC form, and no other secret', async () => {
    expect(await scryptMatches(CHOSEN.secret, CHOSEN.hash)).toBe(true)
    expect(await scryptMatches(`${CHOSEN.secret}x`, CHOSEN.hash)).toBe(false)
  })

  it('writes the parameters, a salt of its own and the key', async () => {
    const hash = await scryptHash('a secret')
    const [, name, parameters, salt = '', key] = hash.split('$')
    expect([name, parameters]).toEqual(['scrypt', 'ln=15,r=8,p=3'])
    expect(key).toMatch(/^[A-Za-z0-9+/]{43}$/)
    expect(salt).toMatch(/^[A-Za-z0-9+/]{22}$/)
    expect(hash).not.toContain('c2FsdCBvZiAxNiBieXRlcw')
  })

  it.each([
    '',
    '$scrypt$ln=15,r=8,p=3$',
    CHOSEN.hash.replace('ln=15', 'ln=14'),
    CHOSEN.hash.slice(0, -4),
    CHOSEN.hash.replace('c2Fs', ''),
    '$argon2id$v=19$m=65536$c2FsdA$aGFzaA',
  ])('throws at %j, which it cannot read: a broken hash is no mismatch', async (hash) => {
    await expect(scryptMatches('a', hash)).rejects.toThrow(RangeError)
  })
})

it('makes version 4 UUIDs', () => {
  expect(randomUUID()).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
})
