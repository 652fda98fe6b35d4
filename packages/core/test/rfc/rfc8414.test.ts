import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineResource, documentResponse, type Resource } from '../../src/index.ts'
import { createTestServer, ISSUER } from '../test-server.ts'

const metadataOf = (issuer: string) => createTestServer([], { issuer }).server.metadata
const TENANT = 'https://auth.example.com/tenant'

describe('the metadata document', () => {
  it('RFC 8414 §3 · K1, D28 · has the document’s place before the path of the issuer, and another behind it', () => {
    expect(createTestServer([]).server.paths).toMatchObject({
      metadata: '/.well-known/oauth-authorization-server',
      openidConfiguration: '/.well-known/openid-configuration',
    })
    expect(createTestServer([], { issuer: TENANT }).server.paths).toMatchObject({
      metadata: '/.well-known/oauth-authorization-server/tenant',
      openidConfiguration: '/tenant/.well-known/openid-configuration',
    })
  })

  it.each([
    ISSUER,
    `${ISSUER}/`,
    'https://AUTH.example.com:443/Tenant/',
    TENANT,
    'http://localhost:4000',
    'http://[::1]:4000/a',
  ])('RFC 8414 §2 · K2 · repeats the issuer as it is written: %s', (issuer) => {
    expect(metadataOf(issuer).issuer).toBe(issuer)
  })

  it.each([
    'http://auth.example.com',
    'https://auth.example.com?a',
    'https://auth.example.com#',
    'https://a@auth.example.com',
  ])('RFC 8414 §2 · K2 · refuses an issuer that may not be: %s', (issuer) => {
    expect(() => metadataOf(issuer)).toThrow('issuer must')
  })

  it('RFC 8414 §2 · K3, D28 · names exactly the endpoints that there are, below the path of the issuer', () => {
    const endpointsOf = (issuer: string) =>
      Object.fromEntries(Object.entries(metadataOf(issuer)).filter(([name]) => /_(?:endpoint|uri)$/.test(name)))
    expect(endpointsOf(ISSUER)).toEqual({
      token_endpoint: 'https://auth.example.com/oauth2/token',
      introspection_endpoint: 'https://auth.example.com/oauth2/introspect',
      revocation_endpoint: 'https://auth.example.com/oauth2/revoke',
    })
    expect(endpointsOf(`${TENANT}/`)).toEqual({
      token_endpoint: 'https://auth.example.com/tenant/oauth2/token',
      introspection_endpoint: 'https://auth.example.com/tenant/oauth2/introspect',
      revocation_endpoint: 'https://auth.example.com/tenant/oauth2/revoke',
    })
  })

  it('RFC 8414 §2 · K4, K8 · names the grants, since the default would promise others', () => {
    expect(metadataOf(ISSUER).grant_types_supported).toEqual(['client_credentials'])
  })

  it('RFC 8414 §2 · K5 · names the methods of authentication for all three endpoints, none among them', () => {
    const methods = ['client_secret_basic', 'client_secret_post']
    expect(metadataOf(ISSUER)).toMatchObject({
      token_endpoint_auth_methods_supported: methods,
      introspection_endpoint_auth_methods_supported: methods,
      revocation_endpoint_auth_methods_supported: methods,
    })
    expect(Object.keys(metadataOf(ISSUER)).join()).not.toContain('signing_alg')
  })

  it('RFC 8414 §3.2 · K7, D11 · has no empty list in the document but response_types_supported, which §2 requires', () => {
    const empty = Object.entries(metadataOf(ISSUER)).filter(([, value]) => Array.isArray(value) && value.length === 0)
    expect(empty).toEqual([['response_types_supported', []]])
  })

  it('RFC 8414 §3.2 · K7 · answers with the document as JSON', () => {
    const { status, headers, body } = documentResponse(metadataOf(ISSUER))
    expect([status, headers['content-type']]).toEqual([200, 'application/json'])
    expect(JSON.parse(body)).toEqual(metadataOf(ISSUER))
  })
})

describe('the list of resources in the metadata', () => {
  const SALES = 'https://sales.example.com'
  const STOCK = 'urn:example:stock'
  const resources = (...identifiers: string[]): readonly Resource[] =>
    identifiers.map((identifier) => defineResource({ identifier }))

  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(async () => {
    // What gives up a backend has one timer for all calls, which must not end with the test that began it.
    await vi.advanceTimersByTimeAsync(1_000)
    vi.useRealTimers()
  })

  /** A registry that says what it is told to, how often it was asked, and what the document names. */
  function setUp() {
    const list = vi.fn<() => Promise<readonly Resource[]>>(async () => [])
    const { server } = createTestServer([], { protectedResources: { list } })
    const named = async (): Promise<unknown> => {
      const { status, body } = await server.metadataDocument()
      const { protected_resources: identifiers, ...others } = JSON.parse(body) as Record<string, unknown>
      expect([status, others]).toEqual([200, server.metadata])
      return identifiers
    }
    return { list, named }
  }

  it('RFC 9728 §4 · K10 · names what is registered, and is not there where nothing is', async () => {
    const { list, named } = setUp()
    expect(await named()).toBeUndefined()
    list.mockResolvedValue(resources(SALES, STOCK))
    await vi.advanceTimersByTimeAsync(30_000)
    expect(await named()).toEqual([SALES, STOCK])
    list.mockResolvedValue([])
    await vi.advanceTimersByTimeAsync(30_000)
    expect(await named()).toBeUndefined()
  })

  it('RFC 9728 §4 · K10 · is not there where nobody lists them', async () => {
    const { server } = createTestServer([])
    expect((await server.metadataDocument()).body).toBe(JSON.stringify(server.metadata))
  })

  it('RFC 9728 §4 · K10 · costs one question in half a minute, however many ask', async () => {
    const { list, named } = setUp()
    list.mockResolvedValue(resources(SALES))
    for (let round = 0; round < 3; round += 1) {
      expect(await Promise.all(Array.from({ length: 20 }, named))).toEqual(Array.from({ length: 20 }, () => [SALES]))
      await vi.advanceTimersByTimeAsync(9_999)
    }
    expect(list).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(3)
    await named()
    expect(list).toHaveBeenCalledTimes(2)
  })

  it('RFC 9728 §4 · K10 · stays as it was while the backend fails, hangs or holds a broken record', async () => {
    const { list, named } = setUp()
    list.mockRejectedValueOnce(new Error('it is away'))
    expect(await named()).toBeUndefined()
    list.mockResolvedValue(resources(SALES))
    await vi.advanceTimersByTimeAsync(2_000)
    expect(await named()).toEqual([SALES])
    for (const fault of [
      () => Promise.reject(new Error('it is away')),
      () => {
        throw new Error('it is away')
      },
      async () => [{ identifier: 'sales' } as Resource],
      async () => undefined as unknown as readonly Resource[],
      () => new Promise<never>(() => undefined),
    ]) {
      list.mockImplementationOnce(fault)
      await vi.advanceTimersByTimeAsync(30_000)
      const asked = named()
      await vi.advanceTimersByTimeAsync(1_500)
      expect(await asked).toEqual([SALES])
    }
    list.mockResolvedValue(resources(STOCK))
    await vi.advanceTimersByTimeAsync(30_000)
    expect(await named()).toEqual([STOCK])
  })

  it('RFC 9728 §4 · K10 · is not there where there are more than a thousand', async () => {
    const { list, named } = setUp()
    const many = Array.from({ length: 1_001 }, (_, index) => `urn:example:${index}`)
    list.mockResolvedValue(resources(...many))
    expect(await named()).toBeUndefined()
    list.mockResolvedValue(resources(...many.slice(1)))
    await vi.advanceTimersByTimeAsync(30_000)
    expect(await named()).toEqual(many.slice(1))
  })

  it('RFC 9728 §4 · K10 · needs somebody who can list them', () => {
    expect(() => createTestServer([], { protectedResources: {} as never })).toThrow(
      'protectedResources must be an object with list',
    )
  })
})
