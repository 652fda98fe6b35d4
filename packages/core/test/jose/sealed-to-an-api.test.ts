import { randomBytes } from 'node:crypto'
import { CompactEncrypt, compactDecrypt, importJWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { createTokenDecrypter, defineResource, type JsonObject, type PublicKeyEncryption } from '../../src/index.ts'
import { isSealedToAnApi, sealTo } from '../../src/jose/nested-jwe.ts'
import { ecPair, PUBLIC_KEY_WAYS, rsaPair } from '../encryption-keys.ts'

const JWS = 'aaaa.bbbb.cccc'
const TYPE = 'at+jwt'
const identifier = 'https://api.example.com'

/** What the API registered, as it is kept. */
const registered = (encryption: object): PublicKeyEncryption => {
  const resource = defineResource({
    identifier,
    accessTokenFormat: 'jwt',
    accessTokenEncryption: encryption as PublicKeyEncryption,
  })
  return resource.accessTokenEncryption as PublicKeyEncryption
}

const headerOf = (jwe: string): unknown =>
  JSON.parse(Buffer.from(jwe.split('.')[0] ?? '', 'base64url').toString()) as unknown

describe.each(PUBLIC_KEY_WAYS)('a token encrypted by $alg and $enc to a key on $curve', ({ alg, enc, pair }) => {
  const encryption = registered({ alg, enc, key: { ...pair.publicKey, kid: 'of-the-api', use: 'enc', alg } })

  it('comes out with another library, and says how it was put in', async () => {
    const token = await sealTo(encryption, JWS, TYPE)
    expect(token.split('.')).toHaveLength(5)
    expect(token).not.toContain(JWS)
    const { plaintext, protectedHeader } = await compactDecrypt(token, await importJWK(pair.privateKey, alg))
    expect(Buffer.from(plaintext).toString()).toBe(JWS)
    const { epk, ...header } = protectedHeader
    expect(header).toEqual({ alg, enc, cty: 'JWT', typ: TYPE, kid: 'of-the-api' })
    expect(epk === undefined).toBe(alg === 'RSA-OAEP-256')
    expect(isSealedToAnApi(token, TYPE)).toBe(true)
  })

  it('is written otherwise each time, and comes out for the API alone', async () => {
    const token = await sealTo(encryption, JWS, TYPE)
    expect(await sealTo(encryption, JWS, TYPE)).not.toBe(token)
    expect(await createTokenDecrypter([pair.privateKey]).decrypt(token)).toBe(JWS)
    const other = alg === 'RSA-OAEP-256' ? rsaPair() : ecPair(pair.publicKey['crv'])
    expect(await createTokenDecrypter([other.privateKey]).decrypt(token)).toBeUndefined()
    // While the API changes its key it has both.
    expect(await createTokenDecrypter([other.privateKey, pair.privateKey]).decrypt(token)).toBe(JWS)
  })

  it('is none once anything of it is changed', async () => {
    const { decrypt } = createTokenDecrypter([pair.privateKey])
    const token = await sealTo(encryption, JWS, TYPE)
    const segments = token.split('.')
    const changed = segments.map((segment, index) =>
      segments.with(index, `${segment.startsWith('A') ? 'B' : 'A'}${segment.slice(1)}`).join('.'),
    )
    for (const forged of [...changed, `${token}=`, `${token}.`, token.slice(0, -1), `${token}A`, JWS, '....', ''])
      expect(await decrypt(forged)).toBeUndefined()
  })

  it('is none with another header, though it was encrypted to the same key', async () => {
    const { decrypt } = createTokenDecrypter([{ ...pair.privateKey, kid: 'of-the-api' }])
    const key = await importJWK(pair.publicKey, alg)
    const seal = (header: object) =>
      new CompactEncrypt(Buffer.from(JWS)).setProtectedHeader({ alg, enc, ...header }).encrypt(key)
    expect(await decrypt(await seal({ cty: 'JWT', typ: TYPE }))).toBe(JWS)
    expect(await decrypt(await seal({ cty: 'jwt', typ: 'application/at+jwt' }))).toBe(JWS)
    for (const header of [
      {},
      { typ: TYPE },
      { cty: 'JWT' },
      { cty: 'JWT', typ: 'JWT' },
      { cty: 'json', typ: TYPE },
      { cty: 'JWT', typ: TYPE, kid: 'of-another' },
      { cty: 'JWT', typ: TYPE, jku: 'https://evil.example' },
      { cty: 'JWT', typ: TYPE, enc: 'A192GCM' },
      { cty: 'JWT', typ: TYPE, enc: 'A128CBC-HS256' },
    ])
      expect(await decrypt(await seal(header))).toBeUndefined()
  })
})

describe('a key pair', () => {
  it('decrypts by its own algorithm, whatever the header asks for', async () => {
    const [rsa, ec] = [rsaPair(), ecPair()]
    const { decrypt } = createTokenDecrypter([rsa.privateKey, ec.privateKey])
    const header = { enc: 'A256GCM', cty: 'JWT', typ: TYPE }
    const byOther = async (alg: string, key: JsonObject | Uint8Array) =>
      new CompactEncrypt(Buffer.from(JWS))
        .setProtectedHeader({ alg, ...header })
        .encrypt(key instanceof Uint8Array ? key : await importJWK(key, alg))
    expect(await decrypt(await byOther('RSA-OAEP', rsa.publicKey))).toBeUndefined()
    expect(await decrypt(await byOther('ECDH-ES', ec.publicKey))).toBeUndefined()
    expect(await decrypt(await byOther('ECDH-ES+A128KW', ec.publicKey))).toBeUndefined()
    expect(await decrypt(await byOther('dir', randomBytes(32)))).toBeUndefined()
    const byPassword = new CompactEncrypt(Buffer.from(JWS))
      .setProtectedHeader({ alg: 'PBES2-HS256+A128KW', ...header })
      .setKeyManagementParameters({ p2c: 1000, p2s: randomBytes(16) })
      .encrypt(randomBytes(32))
    expect(await decrypt(await byPassword)).toBeUndefined()
  })

  it('takes no ephemeral key that is not on its curve', async () => {
    const { publicKey, privateKey } = ecPair()
    const encryption = registered({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM', key: publicKey })
    const token = await sealTo(encryption, JWS, TYPE)
    const { epk, ...header } = headerOf(token) as { readonly epk: { readonly y: string } }
    const forged = { ...header, epk: { ...epk, y: Buffer.alloc(32, 1).toString('base64url') } }
    const segments = token.split('.').with(0, Buffer.from(JSON.stringify(forged)).toString('base64url'))
    expect(await createTokenDecrypter([privateKey]).decrypt(segments.join('.'))).toBeUndefined()
  })
})

describe('the public key of an API', () => {
  const [rsa, ec] = [rsaPair(), ecPair()]
  const byRsa = { alg: 'RSA-OAEP-256', enc: 'A256GCM', key: rsa.publicKey }
  const byEc = { alg: 'ECDH-ES+A256KW', enc: 'A256GCM', key: ec.publicKey }
  const flipped = (text = ''): string => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`

  it('is kept without what is of no use for encrypting', () => {
    const given = { ...byEc, key: { ...ec.publicKey, use: 'enc', alg: byEc.alg, ext: true, key_ops: [], x5t: 'AA' } }
    expect(registered(given)).toEqual(byEc)
    expect(registered(registered(given))).toEqual(byEc)
  })

  it.each<[string, object, string]>([
    ['no object', 'RSA-OAEP-256' as never, ' must have alg, enc and key'],
    ['another alg', { ...byRsa, alg: 'RSA1_5' }, '.alg must be one of RSA-OAEP-256, ECDH-ES+A256KW'],
    ['SHA-1', { ...byRsa, alg: 'RSA-OAEP' }, '.alg must be one of RSA-OAEP-256, ECDH-ES+A256KW'],
    ['a password', { ...byRsa, alg: 'PBES2-HS256+A128KW' }, '.alg must be one of RSA-OAEP-256, ECDH-ES+A256KW'],
    ['another enc', { ...byRsa, enc: 'A128CBC-HS256' }, '.enc must be one of A128GCM, A256GCM'],
    ['no enc', { alg: byRsa.alg, key: rsa.publicKey }, '.enc must be one of A128GCM, A256GCM'],
    ['something else', { ...byRsa, zip: 'DEF' }, ' has nothing but alg, enc and key'],
    ['no key', { alg: byRsa.alg, enc: byRsa.enc }, '.key must be a public key as a JWK'],
    ['PEM', { ...byRsa, key: '-----BEGIN PUBLIC KEY-----' }, '.key must be a public key as a JWK'],
    ['a private RSA key', { ...byRsa, key: rsa.privateKey }, '.key must be the public half alone, and has d'],
    ['a private EC key', { ...byEc, key: ec.privateKey }, '.key must be the public half alone, and has d'],
    ['a secret', { ...byEc, key: { kty: 'oct', k: 'needle' } }, '.key must be the public half alone, and has k'],
    ['an EC key for RSA', { ...byRsa, key: ec.publicKey }, '.key must be of the type RSA for RSA-OAEP-256'],
    ['an RSA key for ECDH', { ...byEc, key: rsa.publicKey }, '.key must be of the type EC for ECDH-ES+A256KW'],
    ['a weak key', { ...byRsa, key: rsaPair(1024).publicKey }, '.key must have 2048 to 8192 bits, and has 1024'],
    ['no modulus', { ...byRsa, key: { kty: 'RSA', e: 'AQAB' } }, '.key must have n and e in base64url'],
    ['an exponent of 1', { ...byRsa, key: { ...rsa.publicKey, e: 'AQ' } }, '.key must have an odd public exponent'],
    [
      'another curve',
      { ...byEc, key: ecPair('secp256k1').publicKey },
      '.key must be on one of the curves P-256, P-384',
    ],
    ['a curve of JavaScript', { ...byEc, key: { ...ec.publicKey, crv: 'constructor' } }, '.key must be on one of'],
    ['half a point', { ...byEc, key: { ...ec.publicKey, y: undefined } }, '.key must have x and y of 32 bytes'],
    [
      'no point',
      { ...byEc, key: { ...ec.publicKey, y: flipped(ec.publicKey['y']) } },
      '.key is not on the curve P-256',
    ],
    ['a key that signs', { ...byRsa, key: { ...rsa.publicKey, use: 'sig' } }, '.key has a use that is not "enc"'],
    ['a key for RS256', { ...byRsa, key: { ...rsa.publicKey, alg: 'RS256' } }, '.key is for another algorithm'],
    ['an odd kid', { ...byRsa, key: { ...rsa.publicKey, kid: '\n' } }, '.key has a kid that is not 1 to 255'],
  ])('is refused by name where it is %s, and nothing of it is repeated', (_what, encryption, problem) => {
    const registering = () => registered(encryption)
    expect(registering).toThrow(`resource "${identifier}": accessTokenEncryption${problem}`)
    expect(registering).not.toThrow('needle')
  })

  it('is for JWTs alone', () => {
    for (const accessTokenFormat of [undefined, 'opaque'] as const)
      expect(() =>
        defineResource({
          identifier,
          accessTokenFormat: accessTokenFormat as 'opaque',
          accessTokenEncryption: byEc as never,
        }),
      ).toThrow('accessTokenEncryption needs accessTokenFormat "jwt"')
  })
})

describe('the private key of an API', () => {
  it.each<[string, readonly unknown[], string]>([
    ['no key', [], 'decryptionKeys must be a list of at least one JWK'],
    ['PEM', ['needle'], 'decryptionKeys[0] must be a private key as a JWK'],
    ['a public one', [ecPair().publicKey], 'decryptionKeys[0] must be a private key as a JWK'],
    ['a weak one', [rsaPair(1024).privateKey], 'decryptionKeys[0] must have 2048 to 8192 bits, and has 1024'],
    [
      'one on another curve',
      [ecPair().privateKey, ecPair('secp256k1').privateKey],
      'decryptionKeys[1] must be on one of',
    ],
    ['one that signs', [{ ...ecPair().privateKey, use: 'sig' }], 'decryptionKeys[0] has a use that is not "enc"'],
    ['one for signing', [{ ...ecPair().privateKey, alg: 'ES256' }], 'decryptionKeys[0] is for another algorithm'],
    ['none that can be read', [{ kty: 'EC', crv: 'P-256', d: 'needle' }], 'decryptionKeys[0] cannot be read'],
  ])('is refused by name where it is %s, and nothing of it is repeated', (_what, keys, problem) => {
    const making = () => createTokenDecrypter(keys as readonly JsonObject[])
    expect(making).toThrow(problem)
    expect(making).not.toThrow('needle')
  })
})

it('tells what looks like a token for an API from everything else', () => {
  const header = (members: unknown) => Buffer.from(JSON.stringify(members)).toString('base64url')
  const good = { alg: 'RSA-OAEP-256', enc: 'A128GCM', cty: 'JWT', typ: TYPE }
  expect(isSealedToAnApi(`${header(good)}.a.b.c.d`, TYPE)).toBe(true)
  for (const token of [
    '',
    'lk_at_x',
    JWS,
    '....',
    `${header(good)}.a.b.c`,
    `${header({ ...good, alg: 'dir' })}.a.b.c.d`,
    `${header({ ...good, typ: 'JWT' })}.a.b.c.d`,
    `${header([good])}.a.b.c.d`,
    `${header(null)}.a.b.c.d`,
  ])
    expect(isSealedToAnApi(token, TYPE)).toBe(false)
})
