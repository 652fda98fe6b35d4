import { describe, expect, it } from 'vitest'
import { type EndpointRequest, OAuthError, parseForm } from '../../src/index.ts'
import {
  asReports,
  basic,
  createTestServer,
  credentialOf,
  GRANT,
  ISSUER,
  NOW,
  nextTurn,
  posted,
  REPORTS,
  refusalOf,
  reports,
  respond,
  STRANGER,
  type TestServer,
  tokenOf,
} from '../test-server.ts'

const AUTHORIZATION = basic('reports', REPORTS.secret)
const SECRET = REPORTS.secret

interface Sent {
  /** The header; `null` for a request without one. The right one of `reports` unless given. */
  readonly authorization?: string | null
  readonly test?: TestServer
}

/** A request as it comes over the wire. A body that cannot be read is refused before the endpoint is asked. */
const sent = (body: string, { authorization = AUTHORIZATION, test = createTestServer() }: Sent = {}) =>
  respond(
    (async () => test.server.token({ form: parseForm(body), ...(authorization !== null && { authorization }) }))(),
  )
const errorOf = ({ status, body }: { readonly status: number; readonly body: string }) =>
  `${status} ${(JSON.parse(body) as { error?: string }).error ?? 'ok'}`
const outcomeOf = async (...request: Parameters<typeof sent>) => errorOf(await sent(...request))
const scopeOf = async (...request: Parameters<typeof sent>) => {
  const { status, body } = await sent(...request)
  return `${status} ${(JSON.parse(body) as { scope?: string }).scope}`
}
const CREDENTIALS_GRANT = 'grant_type=client_credentials'
const BODY_AUTH = `client_id=reports&client_secret=${SECRET}`

describe('parameters', () => {
  it('RFC 6749 §3.2 · B1 · treats a parameter without a value as omitted', async () => {
    expect(await scopeOf(`${CREDENTIALS_GRANT}&scope=`)).toBe('200 read write')
    expect(await scopeOf(`${CREDENTIALS_GRANT}&scope`)).toBe('200 read write')
    expect(await outcomeOf(`${CREDENTIALS_GRANT}&client_secret=`)).toBe('200 ok')
    expect(await outcomeOf(`${CREDENTIALS_GRANT}&client_id=&client_secret=&scope=&scope=`)).toBe('200 ok')
    expect(await outcomeOf('grant_type=')).toBe('400 invalid_request')
  })

  it('RFC 6749 §3.2 · B2 · ignores parameters that it does not know', async () => {
    expect(
      await scopeOf(`${CREDENTIALS_GRANT}&redirect_uri=x&foo[$ne]=1&__proto__=1&constructor=1&scope[]=erase`),
    ).toBe('200 read write')
  })

  it.each(['grant_type', 'scope', 'client_id', 'client_secret', 'client_assertion', 'client_assertion_type'])(
    'RFC 6749 §3.2 · B3 · refuses %s when it is repeated, even with equal values',
    async (name) => {
      for (const values of [
        `${name}=a&${name}=b`,
        `${name}=a&${name}=a`,
        `${name}=a&x=1&%${name.charCodeAt(0).toString(16)}${name.slice(1)}=a`,
      ])
        expect(await outcomeOf(`${values}${name === 'grant_type' ? '' : `&${CREDENTIALS_GRANT}`}`)).toBe(
          '400 invalid_request',
        )
    },
  )

  it('RFC 6749 §3.2 · D8 · ignores unknown parameters that are repeated, and lets resource and audience repeat', async () => {
    expect(await outcomeOf(`${CREDENTIALS_GRANT}&foo=1&foo=2`)).toBe('200 ok')
    // Read, and not taken for a malformed request: nobody holds them here.
    for (const name of ['resource', 'audience'])
      expect(await outcomeOf(`${CREDENTIALS_GRANT}&${name}=https://a&${name}=https://b`)).toBe('400 invalid_target')
    for (const name of ['token', 'token_type_hint', 'requested_token_type'])
      expect(await outcomeOf(`${CREDENTIALS_GRANT}&${name}=a&${name}=a`)).toBe('400 invalid_request')
  })

  it.each([
    ['a cut escape', 'scope=%'],
    ['a malformed escape', 'scope=%zz'],
    ['a malformed escape in a name', '%zz=a'],
    ['bytes that are not UTF-8', 'scope=%ff'],
    ['an overlong character', 'scope=%c0%80'],
    ['an escaped surrogate', 'scope=%ed%a0%80'],
    ['a malformed escape in what nobody reads', 'foo=%e4'],
  ])('RFC 6749 App. B · B6 · refuses %s, and repairs nothing', async (_, parameter) => {
    expect(await outcomeOf(`${CREDENTIALS_GRANT}&${parameter}`)).toBe('400 invalid_request')
  })

  it('RFC 6749 App. B · B6 · reads names and values as percent-encoded UTF-8', async () => {
    expect(await scopeOf('%67rant_type=client%5Fcredentials&scope=write+read')).toBe('200 write read')
    expect(await scopeOf('grant_type=client_credentials&scope=write%20read&%C3%A4=%E2%82%AC')).toBe('200 write read')
  })

  it.each([
    ['101 parameters', Array.from({ length: 100 }, (_, n) => `p${n}=1`).join('&')],
    ['a name of 65 characters', `${'n'.repeat(65)}=1`],
    ['a value of more than 16 KiB', `foo=${'v'.repeat(16 * 1024 + 1)}`],
  ])('RFC 6749 §3.2 · B7 · refuses %s, and drops none of it in silence', async (_, more) => {
    expect(await outcomeOf(`${CREDENTIALS_GRANT}&${more}`)).toBe('400 invalid_request')
  })

  it('RFC 6749 §3.2 · B7 · takes 100 parameters, names of 64 characters and values of 16 KiB', async () => {
    const names = Array.from({ length: 97 }, (_, n) => `p${n}=1`).join('&')
    expect(await outcomeOf(`${CREDENTIALS_GRANT}&${names}&${'n'.repeat(64)}=1&foo=${'v'.repeat(16 * 1024)}`)).toBe(
      '200 ok',
    )
  })

  it.each([
    '%20read',
    'read%20',
    'read%20%20write',
    'read%09write',
    'read%0Awrite',
    'r%22',
    'r%5C',
    'r%C3%A4',
    'read%00',
    '%20',
    'r%7F',
  ])('RFC 6749 App. A.4 · B8 · refuses the scope %s as invalid_scope', async (scope) => {
    expect(await outcomeOf(`${CREDENTIALS_GRANT}&scope=${scope}`)).toBe('400 invalid_scope')
  })

  it.each([
    ['a client_id with a NUL', `client_id=reports%00&client_secret=${SECRET}`],
    ['a client_id beyond ASCII', `client_id=r%C3%A9ports&client_secret=${SECRET}`],
    ['a client_secret with a line feed', `client_id=reports&client_secret=${SECRET}%0A`],
    ['a client_secret with a NUL', `client_id=reports&client_secret=${SECRET}%00`],
    ['a client_secret beyond ASCII', 'client_id=reports&client_secret=%C3%A9'],
  ])('RFC 6749 App. A.1 · B8 · answers %s with invalid_client', async (_, body) => {
    expect(await outcomeOf(`${CREDENTIALS_GRANT}&${body}`, { authorization: null })).toBe('401 invalid_client')
  })
})

describe('the choice of a grant', () => {
  const other = () => createTestServer([reports({ grantTypes: ['urn:example:other'] })])

  it('RFC 6749 §5.2 · B4 · answers a missing or empty grant_type with invalid_request', async () => {
    expect(await outcomeOf('scope=read')).toBe('400 invalid_request')
    expect(await outcomeOf('grant_type=')).toBe('400 invalid_request')
  })

  it.each([
    'password',
    'authorization_code',
    'refresh_token',
    'Client_Credentials',
    'client_credentials%20',
    '__proto__',
    'constructor',
  ])(
    'RFC 6749 §5.2 · B4 · answers the grant type %s, which it does not know, with unsupported_grant_type',
    async (type) => {
      expect(await outcomeOf(`grant_type=${type}`)).toBe('400 unsupported_grant_type')
    },
  )

  it('RFC 6749 §5.2 · B4 · answers a grant type that the client may not use with unauthorized_client', async () => {
    expect(await outcomeOf(CREDENTIALS_GRANT, { test: other() })).toBe('400 unauthorized_client')
  })

  it('RFC 6749 §3.2 · B5 · tells an unauthenticated caller nothing of grants and scopes', async () => {
    const answers = await Promise.all(
      [
        '',
        'grant_type=',
        'grant_type=nonsense',
        CREDENTIALS_GRANT,
        `${CREDENTIALS_GRANT}&scope=nonsense`,
        `${CREDENTIALS_GRANT}&scope=%20`,
      ].map((body) => sent(body, { authorization: basic('reports', STRANGER.secret) })),
    )
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(answers[0]?.status).toBe(401)
  })
})

describe('client authentication', () => {
  it.each([
    ['Basic and a secret in the body', AUTHORIZATION, BODY_AUTH],
    ['Basic and another secret in the body', AUTHORIZATION, 'client_secret=x'],
    ['a malformed header and the right secret in the body', 'Basic !', BODY_AUTH],
    ['a bearer token and the right secret in the body', 'Bearer abc', BODY_AUTH],
    ['another scheme and the right secret in the body', 'Digest abc', BODY_AUTH],
    ['Basic and an assertion', AUTHORIZATION, 'client_assertion=a.b.c&client_assertion_type=jwt'],
    ['Basic and half of an assertion', AUTHORIZATION, 'client_assertion_type=jwt'],
    ['the right secret in the body and an assertion', null, `${BODY_AUTH}&client_assertion=a.b.c`],
  ])('RFC 6749 §2.3 · C1, D4 · refuses %s as invalid_request', async (_, authorization, body) => {
    expect(await outcomeOf(`${CREDENTIALS_GRANT}&${body}`, { authorization })).toBe('400 invalid_request')
  })

  it('RFC 6749 §2.3 · D17 · sees two methods before it looks whether either is right, and asks nobody', async () => {
    const test = createTestServer()
    expect(await outcomeOf('client_id=nobody&client_secret=x', { authorization: 'Basic !', test })).toBe(
      '400 invalid_request',
    )
    expect(test.asked).toEqual([])
  })

  it('RFC 6749 §3.2.1 · C2 · takes a client_id beside Basic exactly when it is the one that authenticated', async () => {
    expect(await outcomeOf(`${CREDENTIALS_GRANT}&client_id=reports`)).toBe('200 ok')
    expect(await outcomeOf(`${CREDENTIALS_GRANT}&client_id=stranger`)).toBe('400 invalid_request')
    expect(await outcomeOf(`${CREDENTIALS_GRANT}&client_id=nobody`)).toBe('400 invalid_request')
    expect(await outcomeOf(`${CREDENTIALS_GRANT}&client_id=Reports`)).toBe('400 invalid_request')
    expect(
      await outcomeOf(`${CREDENTIALS_GRANT}&client_id=stranger`, { authorization: basic('reports', STRANGER.secret) }),
    ).toBe('401 invalid_client')
  })

  it('RFC 6749 §2.3.1 · C13, D7 · takes a pair that is form-encoded, and one that is raw', async () => {
    const test = createTestServer([reports({ id: 'team/reports:1' })])
    const encoded = basic(encodeURIComponent('team/reports:1'), encodeURIComponent(SECRET).replaceAll('_', '%5F'))
    expect(await outcomeOf(CREDENTIALS_GRANT, { authorization: encoded, test })).toBe('200 ok')
    expect(await outcomeOf(`${CREDENTIALS_GRANT}&client_id=team/reports:1`, { authorization: encoded, test })).toBe(
      '200 ok',
    )
    const dotted = createTestServer([reports({ id: 'nightly-reports.v2~a@b' })])
    for (const id of ['nightly-reports.v2~a@b', 'nightly%2Dreports%2Ev2%7Ea%40b', 'nightly-reports.v2~a%40b'])
      expect(await outcomeOf(CREDENTIALS_GRANT, { authorization: basic(id, SECRET), test: dotted })).toBe('200 ok')
  })

  it('RFC 6749 §2.3.1 · C15 · accepts id and secret in the body as well', async () => {
    expect(await outcomeOf(`${CREDENTIALS_GRANT}&${BODY_AUTH}`, { authorization: null })).toBe('200 ok')
    expect(
      await outcomeOf(`${CREDENTIALS_GRANT}&client_id=reports&client_secret=${STRANGER.secret}`, {
        authorization: null,
      }),
    ).toBe('401 invalid_client')
    expect(await outcomeOf(`${CREDENTIALS_GRANT}&client_secret=${SECRET}`, { authorization: null })).toBe(
      '401 invalid_client',
    )
  })

  it('RFC 6749 §4.4 · C7, D22 · gives nothing to a client that names itself and proves nothing', async () => {
    const bare = createTestServer([reports({ credentials: [] })])
    for (const test of [bare, createTestServer()])
      for (const body of ['client_id=reports', 'client_id=reports&client_secret='])
        expect(await outcomeOf(`${CREDENTIALS_GRANT}&${body}`, { authorization: null, test })).toBe(
          '401 invalid_client',
        )
  })

  async function expectChallenge(parameters: string, authorization: string | null) {
    const response = await sent(`${CREDENTIALS_GRANT}&${parameters}`, { authorization })
    expect(errorOf(response)).toBe('401 invalid_client')
    expect(response.headers['www-authenticate']).toBe(`Basic realm="${ISSUER}", charset="UTF-8"`)
  }

  it('RFC 6749 §5.2 · D1, C5 · answers a request without client authentication with 401 and a challenge', async () => {
    await expectChallenge('', null)
    await expectChallenge('client_id=reports', null)
  })

  it('RFC 6749 §5.2 · D2, C5 · answers a wrong secret in the body as one in the header: with 401 and a challenge', async () => {
    await expectChallenge(`client_id=reports&client_secret=${STRANGER.secret}`, null)
    await expectChallenge('', basic('reports', STRANGER.secret))
  })

  it.each(['Basic %%%', 'Basic', '', 'Negotiate abc'])(
    'RFC 6749 §5.2 · D3, C5 · answers a header that it cannot parse with 401 and a challenge: %j',
    async (authorization) => {
      await expectChallenge('', authorization)
    },
  )

  it('RFC 6749 §2.3.1 · C9 · accepts each of several live secrets until its end, and not a second longer', async () => {
    const test = createTestServer([
      reports({
        credentials: [credentialOf(REPORTS, { expiresAt: NOW + 10 }), credentialOf(STRANGER, { notBefore: NOW + 5 })],
      }),
    ])
    const outcomesAt = async (seconds: number) => {
      test.clock.seconds = seconds
      return Promise.all(
        [REPORTS, STRANGER].map(({ secret }) =>
          outcomeOf(CREDENTIALS_GRANT, { authorization: basic('reports', secret), test }),
        ),
      )
    }
    expect(await outcomesAt(NOW + 4)).toEqual(['200 ok', '401 invalid_client'])
    expect(await outcomesAt(NOW + 5)).toEqual(['200 ok', '200 ok'])
    expect(await outcomesAt(NOW + 9)).toEqual(['200 ok', '200 ok'])
    expect(await outcomesAt(NOW + 10)).toEqual(['401 invalid_client', '200 ok'])
  })
})

describe('scopes', () => {
  it('RFC 6749 §3.3 · D9 · refuses a scope that is not held, or held disabled, and drops none in silence', async () => {
    expect(await outcomeOf(`${CREDENTIALS_GRANT}&scope=read+other`)).toBe('400 invalid_scope')
    expect(await outcomeOf(`${CREDENTIALS_GRANT}&scope=read+erase`)).toBe('400 invalid_scope')
  })

  it('RFC 6749 §3.3 · D9 · drops disabled scopes alone under the policy to reduce, and says what is left', async () => {
    const test = createTestServer([reports({ scopePolicy: 'reduce' })])
    expect(await scopeOf(`${CREDENTIALS_GRANT}&scope=erase+read`, { test })).toBe('200 read')
    expect(await outcomeOf(`${CREDENTIALS_GRANT}&scope=erase`, { test })).toBe('400 invalid_scope')
    expect(await outcomeOf(`${CREDENTIALS_GRANT}&scope=read+other`, { test })).toBe('400 invalid_scope')
  })

  it('RFC 6749 §3.3 · D10, E1 · grants the default scopes when none is asked for, and always says what was granted', async () => {
    expect(await scopeOf(CREDENTIALS_GRANT)).toBe('200 read write')
    expect(await scopeOf(CREDENTIALS_GRANT, { test: createTestServer([reports({ defaultScopes: ['write'] })]) })).toBe(
      '200 write',
    )
    expect(await scopeOf(`${CREDENTIALS_GRANT}&scope=read`)).toBe('200 read')
  })

  it('RFC 6749 §3.3 · D10, E1 · leaves scope out of the answer when the token has none', async () => {
    const { body } = await sent(CREDENTIALS_GRANT, { test: createTestServer([reports({ scopes: {} })]) })
    expect(Object.keys(JSON.parse(body) as object)).toEqual(['access_token', 'token_type', 'expires_in'])
  })
})

describe('the answer', () => {
  it('RFC 6749 §5.1 · E1 · answers in JSON with token, type and lifetime, which nobody may keep', async () => {
    const { status, headers, body } = await sent(`${CREDENTIALS_GRANT}&scope=read`)
    expect([status, headers]).toEqual([
      200,
      { 'content-type': 'application/json', 'cache-control': 'no-store', pragma: 'no-cache' },
    ])
    expect(JSON.parse(body)).toEqual({
      access_token: expect.stringMatching(/^lk_at_/) as string,
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'read',
    })
  })

  it('RFC 6749 §4.4.3 · E2 · issues no refresh token', async () => {
    expect((await sent(`${CREDENTIALS_GRANT}&scope=read`)).body).not.toContain('refresh_token')
  })

  it('RFC 6749 §10.10 · E4 · issues tokens of 256 random bits in at most 64 characters that are safe in a URL', async () => {
    const token = await tokenOf(createTestServer())
    // 43 characters of 62 kinds: 256.03 bits.
    expect(token).toMatch(/^lk_at_[0-9A-Za-z]{43}[0-9A-Za-z]{6}$/)
    expect(token.length).toBeLessThanOrEqual(64)
  })

  it('RFC 6749 §10.3 · E5 · stores a hash of the token alone, and never hands out the same token again', async () => {
    const test = createTestServer()
    const tokens = await Promise.all(Array.from({ length: 20 }, () => tokenOf(test)))
    expect(new Set(tokens).size).toBe(20)
    const stored = JSON.stringify([...test.tokens])
    for (const token of tokens) {
      expect(stored).not.toContain(token)
      expect(stored).not.toContain(token.slice(6, 49))
    }
  })

  it('RFC 6749 §5.1 · E6 · does not hand out a token that could not be stored', async () => {
    const test = createTestServer(undefined, ({ tokens }) => ({
      tokens: { ...tokens, save: () => Promise.reject(new Error('the disk is full')) },
    }))
    const { status, headers, body } = await sent(CREDENTIALS_GRANT, { test })
    expect([status, headers['retry-after']]).toEqual([503, '2'])
    expect(body).not.toContain('lk_at_')
  })

  it('RFC 6749 §5.1 · E6 · does not hand out a token before it is stored', async () => {
    let store = () => {}
    const test = createTestServer(undefined, ({ tokens }) => ({
      tokens: { ...tokens, save: () => new Promise((resolve) => (store = resolve)) },
    }))
    const order: string[] = []
    const answer = test.server.token(asReports(GRANT)).then(() => order.push('answered'))
    await nextTurn()
    order.push('stored')
    store()
    await answer
    expect(order).toEqual(['stored', 'answered'])
  })

  it('RFC 9700 §4.15 · E7 · makes the client the subject of its token, whatever the request says', async () => {
    const test = createTestServer()
    const { access_token: token } = await test.server.token(
      asReports({ ...GRANT, sub: 'alice', subject: 'alice', username: 'alice' }),
    )
    expect(await test.server.introspect(asReports({ token }))).toMatchObject({ sub: 'reports', client_id: 'reports' })
  })
})

describe('errors', () => {
  const everyError = async (): Promise<readonly string[]> => {
    const broken = createTestServer(undefined, { clients: { find: () => Promise.reject(new Error('“away”')) } })
    const hooked = createTestServer(undefined, {
      claims: () => {
        throw new Error('"no"')
      },
    })
    const void_ = createTestServer([reports({ tokensValidFrom: NOW + 9 })])
    return (
      await Promise.all([
        sent('grant_type=%'),
        sent('grant_type="<nonsense>'),
        sent(`${CREDENTIALS_GRANT}&scope=%22%5C`),
        sent(`${CREDENTIALS_GRANT}&scope=nonsense`),
        sent(`${CREDENTIALS_GRANT}&client_id=%22nonsense%22`),
        sent(CREDENTIALS_GRANT, { authorization: 'nonsense' }),
        sent(CREDENTIALS_GRANT, { test: broken }),
        sent(CREDENTIALS_GRANT, { test: hooked }),
        sent(CREDENTIALS_GRANT, { test: void_ }),
        sent('', { test: createTestServer([reports({ grantTypes: [] })]) }),
        sent(CREDENTIALS_GRANT, { test: createTestServer([reports({ grantTypes: [] })]) }),
      ])
    ).map(({ body }) => body)
  }

  it('RFC 6749 §5.2 · A7 · words errors in characters that may stand there, and repeats nothing that was sent', async () => {
    for (const body of await everyError()) {
      const error = JSON.parse(body) as { error: string; error_description: string }
      expect(Object.keys(error)).toEqual(['error', 'error_description'])
      expect(error.error_description).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/)
      expect(body).not.toMatch(/nonsense|away/)
    }
  })

  it('RFC 6749 §5.2 · A8 · tells nothing of a fault of the server’s own', async () => {
    const test = createTestServer(undefined, {
      accessTokenLifetime: () => {
        throw new OAuthError('invalid_scope', 'not what it seems')
      },
    })
    const { status, body } = await sent(CREDENTIALS_GRANT, { test })
    expect([status, body]).toEqual([500, '{"error":"server_error","error_description":"the token could not be made"}'])
  })
})

describe('the order of refusals', () => {
  const request = (more: Partial<EndpointRequest>): EndpointRequest => ({ ...asReports({}), ...more })

  it('RFC 6749 §5.2 · D17 · refuses in one order: two methods, authentication, client_id, grant_type, scope', async () => {
    const { server } = createTestServer()
    const wrong = basic('reports', STRANGER.secret)
    const { form: everything } = posted({ client_id: 'other', client_secret: 'x', grant_type: 'x', scope: ' ' })
    expect(await refusalOf(server.token(request({ authorization: wrong, form: everything })))).toBe(
      '400 invalid_request',
    )
    const { form: noSecret } = posted({ client_id: 'other', grant_type: 'x', scope: ' ' })
    expect(await refusalOf(server.token(request({ authorization: wrong, form: noSecret })))).toBe('401 invalid_client')
    expect(await refusalOf(server.token(request({ form: noSecret })))).toBe('400 invalid_request')
    const { form: noId } = posted({ grant_type: 'x', scope: ' ' })
    expect(await refusalOf(server.token(request({ form: noId })))).toBe('400 unsupported_grant_type')
    const { form: noGrant } = posted({ ...GRANT, scope: ' ' })
    expect(await refusalOf(server.token(request({ form: noGrant })))).toBe('400 invalid_scope')
  })
})
