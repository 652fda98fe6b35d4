import { beforeAll, describe, expect, it } from 'vitest'
import type { ClientDefinition, TrustedIssuerCredential } from '../../src/index.ts'
import { defineClient } from '../../src/index.ts'
import {
  type AssertionChanges,
  type AssertionKey,
  asserting,
  assertionOf,
  makeAssertionKey,
} from '../client-assertions.ts'
import { replaysInSight } from '../dpop-proofs.ts'
import { keySet, type PublishedDocuments, publishing } from '../published-documents.ts'
import { createTestServer, NOW, respond } from '../test-server.ts'

const CLUSTER = 'https://cluster.example:6443'
const DISCOVERY = `${CLUSTER}/.well-known/openid-configuration`
const KEYS = `${CLUSTER}/openid/v1/jwks`
const SUBJECT = 'system:serviceaccount:jobs:nightly'
const ISSUED = { iss: CLUSTER, sub: SUBJECT, aud: ['https://other.example', 'latchkey'], exp: NOW + 3600 }

let key: AssertionKey
let stranger: AssertionKey
beforeAll(async () => {
  key = await makeAssertionKey('RS256', { kid: 'cluster' })
  stranger = await makeAssertionKey('RS256', { kid: 'cluster' })
})

const trusting = (trusted: Partial<TrustedIssuerCredential> = {}, more: Partial<ClientDefinition> = {}) =>
  defineClient({
    id: 'machine',
    credentials: [
      {
        kind: 'trusted_issuer',
        id: 'cluster',
        issuer: CLUSTER,
        subject: 'system:serviceaccount:jobs:*',
        audience: 'latchkey',
        maxLifetimeSeconds: 3600,
        singleUse: false,
        ...trusted,
      },
    ],
    scopes: { read: true },
    ...more,
  })

const cluster = (): PublishedDocuments =>
  publishing({ [DISCOVERY]: JSON.stringify({ issuer: CLUSTER, jwks_uri: KEYS }), [KEYS]: keySet(key) })

function serverOf(client = trusting(), host = cluster()) {
  const replays = replaysInSight()
  return { ...createTestServer([client], { replays, remoteDocuments: host.documents }), replays }
}

const tokenOf = (changes: AssertionChanges = {}, by = key): Promise<string> =>
  assertionOf(by, {
    header: { kid: 'cluster', ...changes.header },
    claims: { ...ISSUED, jti: undefined, ...changes.claims },
  })

const shown = (token: string, parameters: Readonly<Record<string, string>> = { client_id: 'machine' }) =>
  asserting(token, parameters)

const statusOf = async (token: string, test = serverOf()): Promise<number> =>
  (await respond(test.server.token(shown(token)))).status

describe('the token of an issuer that a client is registered with', () => {
  it('lets the client in, again and again', async () => {
    const test = serverOf()
    const token = await tokenOf()
    for (const _ of [1, 2, 3]) expect(await statusOf(token, test)).toBe(200)
    expect(test.replays.claimed.size).toBe(0)
  })

  it('needs client_id in the form, and is the token of that client alone', async () => {
    const { server } = serverOf()
    const token = await tokenOf()
    expect((await respond(server.token(shown(token, {})))).status).toBe(401)
    expect((await respond(server.token(shown(token, { client_id: 'nobody' })))).status).toBe(401)
  })

  it.each<[string, AssertionChanges]>([
    ['one audience', { claims: { aud: 'latchkey' } }],
    ['no iat', { claims: { iat: undefined } }],
    ['an iat of long ago', { claims: { iat: NOW - 86_000 } }],
    ['a jti', { claims: { jti: 'a' } }],
    ['another name that the pattern stands for', { claims: { sub: 'system:serviceaccount:jobs:weekly' } }],
    ['the typ of SPIFFE', { header: { typ: 'JOSE' } }],
    ['the typ JWT', { header: { typ: 'JWT' } }],
    ['no kid', { header: { kid: undefined } }],
  ])('may have %s', async (_, changes) => {
    expect(await statusOf(await tokenOf(changes))).toBe(200)
  })

  it.each<[string, AssertionChanges, string]>([
    ['another issuer', { claims: { iss: 'https://evil.example' } }, 'no key'],
    ['the issuer with a slash', { claims: { iss: `${CLUSTER}/` } }, 'no key'],
    ['another subject', { claims: { sub: 'system:serviceaccount:others:nightly' } }, 'its sub'],
    ['a subject that goes on', { claims: { sub: `${SUBJECT}:more` } }, 'its sub'],
    ['no subject', { claims: { sub: undefined } }, 'its sub'],
    ['a subject that is a list', { claims: { sub: [SUBJECT] } }, 'its sub'],
    ['another audience', { claims: { aud: ['https://other.example'] } }, 'its aud'],
    ['no audience', { claims: { aud: undefined } }, 'its aud'],
    ['an audience that holds it', { claims: { aud: 'latchkey2' } }, 'its aud'],
    ['no exp', { claims: { exp: undefined } }, 'its exp'],
    ['an exp that has passed', { claims: { exp: NOW - 10 } }, 'expired'],
    ['an exp of more than it may be ahead', { claims: { exp: NOW + 3611 } }, 'too far ahead'],
    ['an nbf of a minute ahead', { claims: { nbf: NOW + 61 } }, 'its nbf'],
    ['an iat of a minute ahead', { claims: { iat: NOW + 61 } }, 'its iat'],
    ['the typ of an access token', { header: { typ: 'at+jwt' } }, 'its typ'],
    ['a kid of no key', { header: { kid: 'another' } }, 'no key'],
  ])('is none with %s', async (_, changes, reason) => {
    const test = serverOf()
    expect(await statusOf(await tokenOf(changes), test)).toBe(401)
    const [event] = await test.events()
    expect((event as { readonly reason: string }).reason).toContain(reason)
  })

  it('is none that somebody else has signed, the client itself among them', async () => {
    expect(await statusOf(await tokenOf({}, stranger))).toBe(401)
    const own = await makeAssertionKey('RS256')
    const { credentials } = trusting()
    const client = trusting({}, { credentials: [...credentials, { kind: 'jwks', id: 'own', keys: [own.jwk] }] })
    expect(await statusOf(await tokenOf({ header: { kid: undefined } }, own), serverOf(client))).toBe(401)
    const asClient = await assertionOf(key, { claims: { iss: 'machine', sub: 'machine' } })
    expect(await statusOf(asClient, serverOf(client))).toBe(401)
    expect(await statusOf(await assertionOf(own), serverOf(client))).toBe(200)
  })

  it('passes once where the client is registered for that', async () => {
    const test = serverOf(trusting({ singleUse: true }))
    const token = await tokenOf({ claims: { jti: 'one' } })
    const statuses = await Promise.all(Array.from({ length: 50 }, () => statusOf(token, test)))
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(await statusOf(await tokenOf(), test)).toBe(401)
  })

  it('is told from that of another issuer with which the client is registered', async () => {
    const [first] = trusting().credentials
    const [second] = trusting({ id: 'other', issuer: 'https://other.example', subject: 'another' }).credentials
    if (!first || !second) throw new Error('there are no credentials')
    const client = trusting({}, { credentials: [second, first] })
    expect(await statusOf(await tokenOf(), serverOf(client))).toBe(200)
  })
})

describe('the keys of an issuer', () => {
  it('are found under its name, and where its metadata says', async () => {
    const spiffe = publishing({
      [DISCOVERY]: JSON.stringify({ issuer: CLUSTER, jwks_uri: 'https://keys.example/a' }),
      'https://keys.example/a': JSON.stringify({ keys: [{ ...key.jwk, use: 'jwt-svid' }] }),
    })
    expect(await statusOf(await tokenOf(), serverOf(trusting(), spiffe))).toBe(200)
  })

  it.each<[string, object | string]>([
    ['names another issuer', { issuer: 'https://evil.example', jwks_uri: KEYS }],
    ['names no issuer', { jwks_uri: KEYS }],
    ['names it with a slash', { issuer: `${CLUSTER}/`, jwks_uri: KEYS }],
    ['has no address of keys', { issuer: CLUSTER }],
    ['has one that is not of https', { issuer: CLUSTER, jwks_uri: KEYS.replace('https', 'http') }],
    ['is no JSON', '<html>'],
  ])('are nobody’s where the metadata %s', async (_, metadata) => {
    const page = typeof metadata === 'string' ? metadata : JSON.stringify(metadata)
    const host = publishing({ [DISCOVERY]: page, [KEYS]: keySet(key) })
    const test = serverOf(trusting(), host)
    expect(await statusOf(await tokenOf(), test)).toBe(401)
    expect(await test.events()).toMatchObject([
      { reason: expect.stringContaining('the metadata of the issuer is none') },
    ])
  })

  it('are fetched anew when it has another', async () => {
    const host = cluster()
    const test = serverOf(trusting(), host)
    expect(await statusOf(await tokenOf(), test)).toBe(200)
    const next = await makeAssertionKey('RS256', { kid: 'next' })
    host.pages[KEYS] = keySet(next)
    expect(await statusOf(await tokenOf({ header: { kid: 'next' } }, next), test)).toBe(200)
    expect(host.refetched).toEqual([KEYS])
  })

  it('are neither good nor bad while it is away', async () => {
    expect(await statusOf(await tokenOf(), serverOf(trusting(), publishing({})))).toBe(503)
  })
})
