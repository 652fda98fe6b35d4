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
