import { describe, expect, it } from 'vitest'
import { clientCredentials, type Grant, OAuthError } from '../../src/index.ts'
import { asReports, createTestServer, GRANT, NOW, refusalOf, reports, respond } from '../test-server.ts'

const TICKET = 'urn:example:ticket'
const ticket: Grant = {
  type: TICKET,
  async authorize({ form, client }) {
    if (form.get('ticket') === undefined) throw new OAuthError('invalid_request', 'ticket is missing')
    return { client, subject: `ticket:${form.get('ticket')}`, scopes: ['read'] }
  },
}
const withTicket = (grant: Grant = ticket) =>
  createTestServer([reports({ grantTypes: [TICKET, 'client_credentials'] })], { grants: [clientCredentials, grant] })

describe('a grant of somebody’s own', () => {
  it('decides upon subject and scopes, and stands in the metadata', async () => {
    const test = withTicket()
    const { access_token, scope } = await test.server.token(asReports({ grant_type: TICKET, ticket: '7' }))
    expect(scope).toBe('read')
    expect(await test.server.introspect(asReports({ token: access_token }))).toMatchObject({
      sub: 'ticket:7',
      client_id: 'reports',
    })
    expect(test.server.metadata.grant_types_supported).toEqual(['client_credentials', TICKET])
    expect(await test.events()).toMatchObject([{ type: 'token_issued', grantType: TICKET, subject: 'ticket:7' }])
  })

  it('refuses in its own words, and is told of like any refusal', async () => {
    const test = withTicket()
    expect(await refusalOf(test.server.token(asReports({ grant_type: TICKET })))).toBe('400 invalid_request')
    expect(await test.events()).toMatchObject([
      { type: 'token_refused', clientId: 'reports', reason: 'ticket is missing' },
    ])
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('hunter2')
      },
    ],
    ['answers with nothing', async () => undefined],
    ['answers with scopes in a text', async () => ({ client: reports(), subject: 'a', scopes: 'read' })],
    [
      'answers with scopes that would be read as others',
      async () => ({ client: reports(), subject: 'a', scopes: ['read admin'] }),
    ],
    ['answers with no subject', async () => ({ client: reports(), subject: '', scopes: [] })],
  ])('is a fault of the server when it %s, and no token is made', async (_, authorize) => {
    const test = withTicket({ type: TICKET, authorize: authorize as unknown as Grant['authorize'] })
    const { status, body } = await respond(test.server.token(asReports({ grant_type: TICKET })))
    expect([status, test.tokens.size]).toEqual([500, 0])
    expect(body).not.toContain('hunter2')
  })

  it('is not asked before the client has authenticated, nor for a client that may not use it', async () => {
    const asked: string[] = []
    const test = createTestServer([reports()], {
      grants: [
        {
          type: TICKET,
          async authorize({ client }) {
            asked.push(client.id)
            return { client, subject: client.id, scopes: [] }
          },
        },
      ],
    })
    expect(await refusalOf(test.server.token(asReports({ grant_type: TICKET })))).toBe('400 unauthorized_client')
    expect(await refusalOf(test.server.token({ ...asReports({ grant_type: TICKET }), authorization: undefined }))).toBe(
      '401 invalid_client',
    )
    expect(asked).toEqual([])
  })
})

it('gives a token the lifetime that the client and its scopes call for', async () => {
  const test = createTestServer(undefined, {
    accessTokenLifetime: ({ scopes }) => (scopes.includes('write') ? 60 : 600),
  })
  const lifetime = async (scope: string) => (await test.server.token(asReports({ ...GRANT, scope }))).expires_in
  expect([await lifetime('write'), await lifetime('read')]).toEqual([60, 600])
  test.clock.seconds = NOW + 1
  expect(await lifetime('read')).toBe(600)
})
