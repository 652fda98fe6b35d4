import { generateKeyPairSync } from 'node:crypto'
import { type JsonObject, SIGNING_ALGORITHMS } from '@latchkey/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTokenVerifier, type TokenVerifier } from '../src/index.ts'
import { type StartedService, startedService } from './started-service.ts'
import { API } from './test-issuer.ts'

describe('an API beside our own service, with reference tokens', () => {
  let started: StartedService
  beforeAll(async () => {
    started = await startedService()
  })
  afterAll(() => started.service.close())

  const verifierOf = (cacheSeconds: number, audience = API): TokenVerifier =>
    createTokenVerifier({
      issuer: started.issuer,
      audience,
      introspection: { clientId: 'sales-api', clientSecret: started.secrets['sales-api'], cacheSeconds },
    })

  it('lets a token pass, and knows who holds it', async () => {
    const token = await started.tokenOf()
    const authorization = `Bearer ${token}`
    const verdict = await verifierOf(10).verifyBearer({ authorization, scopes: ['sales:read'] })
    expect(verdict).toMatchObject({
      ok: true,
      accessToken: {
        clientId: 'nightly-reports',
        subject: 'nightly-reports',
        scopes: ['sales:read'],
        audience: [API],
        claims: { active: true, iss: started.issuer, token_type: 'Bearer' },
      },
    })
  })

  it('refuses one that lacks a scope, and one that was made up', async () => {
    const verifier = verifierOf(10)
    const authorization = `Bearer ${await started.tokenOf()}`
    expect(await verifier.verifyBearer({ authorization, scopes: ['sales:refund'] })).toMatchObject({ status: 403 })
    expect(await verifier.verify({ token: 'made-up' })).toEqual({ ok: false, error: 'invalid_token' })
  })

  it('sees a revocation at once where it keeps no answers', async () => {
    const verifier = verifierOf(0)
    const token = await started.tokenOf()
    expect(await verifier.verify({ token })).toMatchObject({ ok: true })
    await started.revoke(token)
    expect(await verifier.verify({ token })).toEqual({ ok: false, error: 'invalid_token' })
  })

  it('learns nothing of tokens for other APIs', async () => {
    const verifier = verifierOf(0, 'https://other.example.com')
    expect(await verifier.verify({ token: await started.tokenOf() })).toEqual({ ok: false, error: 'invalid_token' })
  })

  it('knows nothing with a wrong secret', async () => {
    const introspection = { clientId: 'sales-api', clientSecret: 'wrong' }
    const verifier = createTokenVerifier({ issuer: started.issuer, audience: API, introspection })
    await expect(verifier.verify({ token: await started.tokenOf() })).rejects.toMatchObject({
      code: 'temporarily_unavailable',
    })
  })
})

it('knows nothing once the service has ended', async () => {
  const { issuer, secrets, service, tokenOf } = await startedService()
  const introspection = { clientId: 'sales-api', clientSecret: secrets['sales-api'], cacheSeconds: 0 }
  const verifier = createTokenVerifier({ issuer, audience: API, introspection })
  const token = await tokenOf()
  expect(await verifier.verify({ token })).toMatchObject({ ok: true })
  await service.close()
  await expect(verifier.verify({ token })).rejects.toMatchObject({ code: 'temporarily_unavailable' })
})

describe('an API beside our own service, with self-contained tokens', () => {
  it.each(SIGNING_ALGORITHMS)('verifies what is signed with %s, and asks for metadata and keys alone', async (alg) => {
    const { issuer, service, tokenOf } = await startedService({
      LATCHKEY_ACCESS_TOKEN_FORMAT: 'jwt',
      LATCHKEY_SIGNING_ALG: alg,
    })
    const asked: string[] = []
    const verifier = createTokenVerifier({
      issuer,
      audience: API,
      algorithms: [alg],
      fetch: (url, init) => {
        asked.push(new URL(url).pathname)
        return fetch(url, init)
      },
    })
    const token = await tokenOf('sales:read sales:refund')
    expect(await verifier.verify({ token, scopes: ['sales:refund'] })).toMatchObject({
      ok: true,
      accessToken: { clientId: 'nightly-reports', scopes: ['sales:read', 'sales:refund'], audience: [API] },
    })
    expect(asked).toEqual(['/.well-known/oauth-authorization-server', '/.well-known/jwks.json'])
    await service.close()
    // The keys are known: the issuer is not needed.
    expect(await verifier.verify({ token })).toMatchObject({ ok: true })
  })

  it('sees a revocation where the issuer is asked about signed tokens as well', async () => {
    const { issuer, secrets, service, tokenOf, revoke } = await startedService({ LATCHKEY_ACCESS_TOKEN_FORMAT: 'jwt' })
    const credentials = { clientId: 'sales-api', clientSecret: secrets['sales-api'], cacheSeconds: 0 }
    const [asking, trusting] = (['always', 'opaque'] as const).map((mode) =>
      createTokenVerifier({ issuer, audience: API, introspection: { ...credentials, mode } }),
    )
    const token = await tokenOf()
    expect(await asking?.verify({ token })).toMatchObject({ ok: true })
    await revoke(token)
    expect(await asking?.verify({ token })).toEqual({ ok: false, error: 'invalid_token' })
    // By its signature alone nobody can tell.
    expect(await trusting?.verify({ token })).toMatchObject({ ok: true })
    await service.close()
  })

  it.each([
    ['RSA-OAEP-256', generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['ECDH-ES+A256KW', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
  ])('decrypts by its own key what the service encrypted to it by %s, and asks about it', async (alg, pair) => {
    const key = pair.publicKey.export({ format: 'jwk' })
    const resource = {
      scope: 'sales:read',
      access_token_format: 'jwt',
      access_token_signing_alg: 'PS256',
      access_token_encryption: { alg, enc: 'A128GCM', key },
    }
    const { issuer, secrets, service, tokenOf } = await startedService(
      { LATCHKEY_SIGNING_ALG: 'ES256,PS256' },
      { resources: { [API]: resource } },
    )
    const decryptionKeys = [pair.privateKey.export({ format: 'jwk' }) as JsonObject]
    const introspection = {
      clientId: 'sales-api',
      clientSecret: secrets['sales-api'],
      mode: 'always',
      cacheSeconds: 0,
    } as const
    const verifier = createTokenVerifier({
      issuer,
      audience: API,
      algorithms: ['PS256'],
      decryptionKeys,
      introspection,
    })
    const token = await tokenOf('sales:read', API)
    expect(await verifier.verify({ token, scopes: ['sales:read'] })).toMatchObject({
      ok: true,
      accessToken: { clientId: 'nightly-reports', audience: [API] },
    })
    expect(await createTokenVerifier({ issuer, audience: API }).verify({ token })).toMatchObject({ ok: false })
    // Nobody can name the token to the service, but what the client has can be ended.
    const { clients } = service.storage
    const client = await clients.find('nightly-reports')
    if (client === undefined) throw new Error('it is registered')
    await clients.replace({ ...client, enabled: false }, client.version)
    expect(await verifier.verify({ token })).toEqual({ ok: false, error: 'invalid_token' })
    await service.close()
  })

  it.each([
    ['signed with a shared secret', { LATCHKEY_JWT_SECRET: 's'.repeat(32), LATCHKEY_SIGNING_ALG: 'HS256' }],
    ['encrypted', { LATCHKEY_JWT_ENCRYPTION: 'dir+A256GCM', LATCHKEY_JWT_ENCRYPTION_KEY: 'A'.repeat(43) }],
  ])('leaves it to the issuer what is %s', async (_, settings) => {
    const { issuer, secrets, service, tokenOf } = await startedService({
      LATCHKEY_ACCESS_TOKEN_FORMAT: 'jwt',
      ...settings,
    })
    const introspection = { clientId: 'sales-api', clientSecret: secrets['sales-api'] }
    const token = await tokenOf()
    const only = createTokenVerifier({ issuer, audience: API, introspection: { ...introspection, mode: 'only' } })
    expect(await only.verify({ token })).toMatchObject({ ok: true, accessToken: { clientId: 'nightly-reports' } })
    const alone = createTokenVerifier({ issuer, audience: API })
    expect(await alone.verify({ token })).toEqual({ ok: false, error: 'invalid_token' })
    await service.close()
  })
})
