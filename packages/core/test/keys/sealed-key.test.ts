import { describe, expect, it } from 'vitest'
import { generatePrivateKey, publicMembersOf } from '../../src/crypto.ts'
import { readMasterKey } from '../../src/keys/master-key.ts'
import { masterKeyNameOf, seal, unseal } from '../../src/keys/sealed-key.ts'
import { MASTER_KEY, OTHER_MASTER_KEY } from '../signing-keys.ts'
import { NOW } from '../test-server.ts'

const masterKey = readMasterKey(MASTER_KEY)
const privateKey = await generatePrivateKey('ES256')
const open = {
  kid: 'key-1',
  alg: 'ES256',
  publicKey: publicMembersOf(privateKey),
  createdAt: NOW,
  signsFrom: NOW + 360,
} as const
const record = seal(open, privateKey, masterKey)

describe('a sealed key', () => {
  it('comes out as it went in', () => {
    expect(unseal(record, [masterKey]).equals(privateKey)).toBe(true)
  })

  it('shows nothing of its private half', () => {
    const { d } = privateKey.export({ format: 'jwk' })
    expect(d).toHaveLength(43)
    const der = privateKey.export({ format: 'der', type: 'pkcs8' })
    for (const encoding of ['base64url', 'base64', 'hex', 'latin1'] as const) {
      const dump = Buffer.from(record.sealed.split('.')[2] ?? '', 'base64url').toString(encoding)
      expect(JSON.stringify(record) + dump).not.toContain(Buffer.from(d ?? '', 'base64url').toString(encoding))
      expect(JSON.stringify(record) + dump).not.toContain(der.toString(encoding))
    }
    expect(Object.keys(record).sort()).toEqual(['alg', 'createdAt', 'kid', 'publicKey', 'sealed', 'signsFrom'])
  })

  it('is sealed otherwise each time', () => {
    expect(seal(open, privateKey, masterKey).sealed).not.toBe(record.sealed)
  })

  it('comes out whatever the order of the members', () => {
    const { kty, crv, x, y } = record.publicKey
    const { sealed, signsFrom, createdAt, alg, kid } = record
    const reordered = { sealed, signsFrom, publicKey: { y, x, crv, kty }, createdAt, alg, kid } as typeof record
    expect(unseal(reordered, [masterKey]).equals(privateKey)).toBe(true)
  })

  it('is opened by a master key of before, and names the one that it is of', () => {
    const other = readMasterKey(OTHER_MASTER_KEY)
    expect(unseal(record, [other, masterKey]).equals(privateKey)).toBe(true)
    expect(masterKeyNameOf(record)).toBe(masterKey.name)
    expect(masterKey.name).not.toBe(other.name)
    expect(() => unseal(record, [other])).toThrow('another master key')
  })

  it.each([
    ['its kid', { kid: 'key-2' }],
    ['its algorithm', { alg: 'ES384' }],
    ['when it was made', { createdAt: NOW - 1 }],
    ['when it signs', { signsFrom: NOW }],
    ['its public half', { publicKey: { ...record.publicKey, x: record.publicKey['y'] ?? '' } }],
    ['a member more in its public half', { publicKey: { ...record.publicKey, kid: 'key-1' } }],
    ['its sealed part', { sealed: record.sealed.replace(/.{4}$/, 'AAAA') }],
  ] as const)('is refused once somebody has changed %s', (_what, change) => {
    expect(() => unseal({ ...record, ...change }, [masterKey])).toThrow('not as it was when it was sealed')
  })

  it.each(['', 'v1', 'v2.x.AAAA', `${record.sealed}.x`, `${record.sealed}=`, `v1.${masterKey.name}.*`])(
    'is refused where it is sealed in another way: %j',
    (sealed) => {
      expect(() => unseal({ ...record, sealed }, [masterKey])).toThrow('a way that is not known')
    },
  )

  it('is refused where too little is sealed to be anything', () => {
    expect(() => unseal({ ...record, sealed: `v1.${masterKey.name}.AAAA` }, [masterKey])).toThrow('not as it was')
  })

  it('is refused where it does not fit its algorithm', () => {
    const misfit = seal({ ...open, alg: 'ES384' }, privateKey, masterKey)
    expect(() => unseal(misfit, [masterKey])).toThrow('ES384 takes a key on the curve secp384r1')
  })
})

describe('a master key', () => {
  it.each(['', 'short', 'A'.repeat(42), 'A'.repeat(44), `${'A'.repeat(42)}B`, `${'A'.repeat(43)}=`, '+'.repeat(43)])(
    'has 32 bytes in base64url, not %j',
    (text) => {
      expect(() => readMasterKey(text)).toThrow(new TypeError('must be 32 bytes in base64url: 43 characters'))
    },
  )
})
