import { randomBytes } from 'node:crypto'
import { CompactEncrypt, compactDecrypt } from 'jose'
import { describe, expect, it } from 'vitest'
import { createNestedJwe, type SharedKeyEncryption } from '../../src/jose/nested-jwe.ts'

const keyOf = (bytes: number): string => randomBytes(bytes).toString('base64url')
const JWS = 'aaaa.bbbb.cccc'
const WAYS: readonly SharedKeyEncryption[] = [
  { alg: 'dir', enc: 'A128GCM', key: keyOf(16) },
  { alg: 'dir', enc: 'A256GCM', key: keyOf(32) },
  { alg: 'A256KW', enc: 'A128GCM', key: keyOf(32) },
  { alg: 'A256KW', enc: 'A256GCM', key: keyOf(32) },
]

describe.each(WAYS)('a token encrypted by $alg and $enc', ({ alg, enc, key }) => {
  const bytes = Buffer.from(key, 'base64url')
  const jwe = createNestedJwe({ alg, enc, key }, 'at+jwt')

  it('comes out again, here and with another library', async () => {
    const token = await jwe.seal(JWS)
    expect(token.split('.')).toHaveLength(5)
    expect(token).not.toContain(JWS)
    expect(await jwe.open(token)).toBe(JWS)
    const { plaintext, protectedHeader } = await compactDecrypt(token, bytes)
    expect(Buffer.from(plaintext).toString()).toBe(JWS)
    expect(protectedHeader).toEqual({ alg, enc, cty: 'JWT', typ: 'at+jwt' })
  })

  it('is written otherwise each time', async () => {
    expect(await jwe.seal(JWS)).not.toBe(await jwe.seal(JWS))
  })

  it('is none with another header, though the key is the same', async () => {
    for (const header of [
      { alg, enc },
      { alg, enc, cty: 'JWT' },
      { alg, enc, typ: 'at+jwt', cty: 'JWT' },
      { alg, enc, cty: 'JWT', typ: 'at+jwt', kid: 'x' },
    ]) {
      const token = await new CompactEncrypt(Buffer.from(JWS)).setProtectedHeader(header).encrypt(bytes)
      expect(await jwe.open(token)).toBeUndefined()
    }
  })

  it('is none once anything of it is changed', async () => {
    const token = await jwe.seal(JWS)
    const segments = token.split('.')
    const changed = segments.map((segment, index) => {
      const other = segment === '' ? 'AAAA' : `${segment.startsWith('A') ? 'B' : 'A'}${segment.slice(1)}`
      return segments.with(index, other).join('.')
    })
    for (const forged of [...changed, `${token}=`, `${token}.`, token.slice(0, -1), JWS, ''])
      expect(await jwe.open(forged)).toBeUndefined()
  })
})

it('does not decrypt by a password, whatever the header says', async () => {
  const password = Buffer.from('A'.repeat(32))
  const jwe = createNestedJwe({ alg: 'A256KW', enc: 'A256GCM', key: password.toString('base64url') }, 'at+jwt')
  const token = await new CompactEncrypt(Buffer.from(JWS))
    .setProtectedHeader({ alg: 'PBES2-HS256+A128KW', enc: 'A256GCM' })
    .setKeyManagementParameters({ p2c: 1000, p2s: randomBytes(16) })
    .encrypt(password)
  expect(await jwe.open(token)).toBeUndefined()
})

it.each([
  [
    { alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', key: keyOf(32) },
    'accessTokenEncryption.alg must be one of dir, A256KW',
  ],
  [{ alg: 'dir', enc: 'A128CBC-HS256', key: keyOf(32) }, 'accessTokenEncryption.enc must be one of A128GCM, A256GCM'],
  [{ alg: 'dir', enc: 'A128GCM', key: keyOf(32) }, 'accessTokenEncryption.key must be 16 bytes in base64url for dir'],
  [{ alg: 'dir', enc: 'A256GCM', key: keyOf(16) }, 'accessTokenEncryption.key must be 32 bytes in base64url for dir'],
  [
    { alg: 'A256KW', enc: 'A128GCM', key: keyOf(16) },
    'accessTokenEncryption.key must be 32 bytes in base64url for A256KW',
  ],
  [{ alg: 'A256KW', enc: 'A128GCM', key: 'TopSecretClientSecret' }, 'accessTokenEncryption.key must be 32 bytes'],
  [{ alg: 'A256KW', enc: 'A128GCM' }, 'accessTokenEncryption.key must be 32 bytes'],
])('refuses a wrong option by name: %j', (options, message) => {
  expect(() => createNestedJwe(options as SharedKeyEncryption, 'at+jwt')).toThrow(message)
})
