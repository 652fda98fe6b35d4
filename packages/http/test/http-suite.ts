import { expect } from 'vitest'
import type { Sent } from './hosts.ts'
import { basic, type ClientId, FORM } from './test-server.ts'

/** What a case may use: the secrets of the clients, and a token of the client `reader`. */
export interface Given {
  readonly secrets: Readonly<Record<ClientId, string>>
  readonly token: string
  /** A proof for the token endpoint, another one each time. */
  readonly proof: () => string
  /** One with a nonce that the server did not give out. */
  readonly strangeNonce: () => string
}

/** A request, and what every host must answer to it. */
export interface HttpCase {
  readonly title: string
  readonly send: (given: Given) => Sent
  readonly status: number
  /** The status where the server holds a signing key, when it is another one. */
  readonly statusWhereSigned?: number
  /** The error code of the answer, or the whole of a good one; `''` is an empty body. */
  readonly answer: string | Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
}

/** Cases that only raw lines of HTTP can show: a `Request` cannot hold them. They are tested against Fastify alone. */
export const FASTIFY_ALONE: readonly string[] = [
  'two lines of a header field that may come once (the fetch handler sees them joined, and refuses a comma)',
  'a request without a Host header field',
  'a body of another length than was announced',
  'a body that is sent in chunks beyond the limit, on a connection that is closed early',
  'a header that is too large, and what is no HTTP at all',
  'peers and forwarded header fields: TLS, proxies and plain HTTP are the affair of whoever mounts the fetch handler',
  'CORS and /health/*: so are they',
]

const ENDPOINTS = ['/oauth2/token', '/oauth2/introspect', '/oauth2/revoke']
const DOCUMENTS = ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']
const GRANT = 'grant_type=client_credentials'
const LIMIT = 64 * 1024

const CHALLENGE = { 'www-authenticate': 'Basic realm="http://localhost:4000", charset="UTF-8"' }

const post = (path: string, body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): Sent => ({
  path,
  body,
  headers: { 'content-type': FORM, ...headers },
})

const asReader = ({ secrets }: Given, headers: Readonly<Record<string, string>> = {}) => ({
  authorization: basic('reader', secrets.reader),
  ...headers,
})

const token = (body: string | Uint8Array, headers?: Readonly<Record<string, string>>) => (given: Given) =>
  post('/oauth2/token', body, asReader(given, headers))

const introspection = (accept: string) => (given: Given) =>
  post('/oauth2/introspect', `token=${given.token}`, asReader(given, { accept }))

const granted = { token_type: 'Bearer', expires_in: 3600 }

/** Everything that both hosts must answer alike. */
export const httpSuite: readonly HttpCase[] = [
  {
    title: 'a token by client_secret_basic',
    send: token(GRANT),
    status: 200,
    answer: { ...granted, scope: 'read write' },
  },
  {
    title: 'a token by client_secret_post',
    send: ({ secrets }) =>
      post('/oauth2/token', `${GRANT}&scope=read&client_id=reader&client_secret=${secrets.reader}`),
    status: 200,
    answer: { ...granted, scope: 'read' },
  },
  {
    title: 'a wrong secret',
    send: ({ secrets }) => post('/oauth2/token', GRANT, { authorization: basic('reader', secrets.other) }),
    status: 401,
    answer: 'invalid_client',
    headers: CHALLENGE,
  },
  {
    title: 'no client authentication',
    send: () => post('/oauth2/token', GRANT),
    status: 401,
    answer: 'invalid_client',
    headers: CHALLENGE,
  },
  {
    title: 'two mechanisms at once',
    send: token(`${GRANT}&client_id=reader&client_secret=x`),
    status: 400,
    answer: 'invalid_request',
  },
  { title: 'an unknown grant type', send: token('grant_type=password'), status: 400, answer: 'unsupported_grant_type' },
  { title: 'no grant type', send: token(''), status: 400, answer: 'invalid_request' },
  {
    title: 'a scope that the client does not hold',
    send: token(`${GRANT}&scope=x`),
    status: 400,
    answer: 'invalid_scope',
  },

  // Proofs of possession.
  {
    title: 'a token that is bound by a proof',
    send: (given) => token(GRANT, { dpop: given.proof() })(given),
    status: 200,
    answer: { token_type: 'DPoP', expires_in: 3600 },
  },
  {
    title: 'a proof that is none',
    send: token(GRANT, { dpop: 'no proof' }),
    status: 400,
    answer: 'invalid_dpop_proof',
  },
  {
    title: 'two proofs in one field, before authentication',
    send: ({ proof }) => post('/oauth2/token', GRANT, { dpop: `${proof()}, ${proof()}` }),
    status: 400,
    answer: 'invalid_dpop_proof',
  },
  {
    title: 'a proof with a nonce that is none of ours',
    send: (given) => token(GRANT, { dpop: given.strangeNonce() })(given),
    status: 400,
    answer: 'use_dpop_nonce',
    headers: { 'dpop-nonce': expect.stringMatching(/^[\w-]{43}$/) as string },
  },
  {
    title: 'a revocation with a proof, which nobody asked for',
    send: (given) => post('/oauth2/revoke', 'token=nonsense', asReader(given, { dpop: 'no proof' })),
    status: 200,
    answer: '',
  },

  // Introspection and revocation.
  {
    title: 'introspection of a token of its own',
    send: (given) => post('/oauth2/introspect', `token=${given.token}`, asReader(given)),
    status: 200,
    answer: { active: true, client_id: 'reader', scope: 'read write' },
  },
  {
    title: 'introspection of a token of another client',
    send: ({ secrets, token }) =>
      post('/oauth2/introspect', `token=${token}`, { authorization: basic('other', secrets.other) }),
    status: 200,
    answer: { active: false },
  },
  {
    title: 'introspection of what is no token',
    send: (given) => post('/oauth2/introspect', 'token=nonsense', asReader(given)),
    status: 200,
    answer: { active: false },
  },
  {
    title: 'introspection without a token',
    send: (given) => post('/oauth2/introspect', '', asReader(given)),
    status: 400,
    answer: 'invalid_request',
  },
  {
    title: 'revocation of what is no token',
    send: (given) => post('/oauth2/revoke', 'token=nonsense', asReader(given)),
    status: 200,
    answer: '',
  },
  {
    title: 'revocation without authentication',
    send: ({ token }) => post('/oauth2/revoke', `token=${token}`),
    status: 401,
    answer: 'invalid_client',
    headers: CHALLENGE,
  },
  {
    title: 'introspection for whoever accepts anything',
    send: introspection('*/*'),
    status: 200,
    answer: { active: true },
  },
  {
    title: 'introspection for whoever accepts a signed answer only, where nothing signs',
    send: introspection('application/token-introspection+jwt'),
    status: 406,
    statusWhereSigned: 200,
    answer: 'invalid_request',
  },
  {
    title: 'introspection for whoever excludes JSON',
    send: introspection('*/*, application/json;q=0'),
    status: 406,
    answer: 'invalid_request',
  },

  // Documents.
  ...DOCUMENTS.flatMap((path): HttpCase[] => [
    {
      title: `the metadata at ${path}`,
      send: () => ({ method: 'GET', path }),
      status: 200,
      answer: { issuer: 'http://localhost:4000', token_endpoint: 'http://localhost:4000/oauth2/token' },
      headers: { 'content-type': 'application/json', 'cache-control': 'public, max-age=300' },
    },
    {
      title: `HEAD of the metadata at ${path}`,
      send: () => ({ method: 'HEAD', path }),
      status: 200,
      answer: '',
      headers: { 'content-type': 'application/json' },
    },
    {
      title: `the metadata at ${path}, with a query`,
      send: () => ({ method: 'GET', path: `${path}?x=y` }),
      status: 200,
      answer: { issuer: 'http://localhost:4000' },
    },
  ]),

  // Methods and paths.
  ...ENDPOINTS.flatMap((path) =>
    ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map(
      (method): HttpCase => ({
        title: `${method} ${path}`,
        send: () => ({ method, path }),
        status: 405,
        answer: 'invalid_request',
        headers: { allow: 'POST' },
      }),
    ),
  ),
  ...DOCUMENTS.flatMap((path) =>
    ['POST', 'PUT', 'DELETE'].map(
      (method): HttpCase => ({
        title: `${method} ${path}`,
        send: () => ({ method, path }),
        status: 405,
        answer: 'invalid_request',
        headers: { allow: 'GET, HEAD' },
      }),
    ),
  ),
  { title: 'HEAD of an endpoint', send: () => ({ method: 'HEAD', path: '/oauth2/token' }), status: 405, answer: '' },
  {
    title: 'an unknown path',
    send: () => ({ method: 'GET', path: '/nothing' }),
    status: 404,
    answer: 'invalid_request',
  },
  {
    title: 'POST to an unknown path',
    send: () => post('/oauth2/token/', GRANT),
    status: 404,
    answer: 'invalid_request',
  },
  {
    title: 'a path in other letters',
    send: () => post('/OAuth2/token', GRANT),
    status: 404,
    answer: 'invalid_request',
  },
  {
    title: 'a malformed escape in the path',
    send: () => ({ method: 'GET', path: '/%zz' }),
    status: 400,
    answer: 'invalid_request',
  },
  {
    title: 'a known path with needless escapes',
    send: (given) => ({ ...token(GRANT)(given), path: '/oauth2/%74oken' }),
    status: 200,
    answer: granted,
  },

  // Content types.
  ...[
    ['no content type', {}],
    ['JSON', { 'content-type': 'application/json' }],
    ['multipart', { 'content-type': 'multipart/form-data; boundary=x' }],
    ['text', { 'content-type': 'text/plain' }],
    ['a content type that is none', { 'content-type': 'form' }],
    ['a form in UTF-7', { 'content-type': `${FORM}; charset=utf-7` }],
    ['a form in UTF-8 and UTF-16', { 'content-type': `${FORM}; charset=utf-8; charset=utf-16` }],
  ].map(
    ([title, headers]): HttpCase => ({
      title: `a body that is ${String(title)}`,
      send: (given) => ({
        path: '/oauth2/token',
        body: Buffer.from(GRANT),
        headers: asReader(given, headers as Record<string, string>),
      }),
      status: 400,
      answer: 'invalid_request',
    }),
  ),
  ...[`${FORM}; charset=utf-8`, `${FORM};charset="UTF-8"`, FORM.toUpperCase(), `${FORM}; x=y`].map(
    (contentType): HttpCase => ({
      title: `a body of type ${contentType}`,
      send: token(GRANT, { 'content-type': contentType }),
      status: 200,
      answer: granted,
    }),
  ),

  // The URL.
  ...['client_secret', 'client_assertion', 'token', 'client%5Fsecret'].map(
    (name): HttpCase => ({
      title: `${name} in the URL`,
      send: (given) => ({ ...token(GRANT)(given), path: `/oauth2/token?${name}=x` }),
      status: 400,
      answer: 'invalid_request',
    }),
  ),
  {
    title: 'other parameters in the URL, which do not count',
    send: (given) => ({ ...token(GRANT)(given), path: '/oauth2/token?grant_type=password&scope=x' }),
    status: 200,
    answer: { ...granted, scope: 'read write' },
  },

  // Forms.
  ...[
    ['a malformed escape', `${GRANT}&x=%zz`],
    ['an escape that is no UTF-8', `${GRANT}&x=%ff`],
    ['a repeated parameter', `${GRANT}&${GRANT}`],
    ['101 parameters', `${GRANT}${'&x=y'.repeat(100)}`],
    ['a name of 65 characters', `${GRANT}&${'x'.repeat(65)}=y`],
    ['a value above 16 KiB', `${GRANT}&x=${'y'.repeat(16 * 1024 + 1)}`],
  ].map(
    ([title = '', body = '']): HttpCase => ({
      title: `a form with ${title}`,
      send: token(body),
      status: 400,
      answer: 'invalid_request',
    }),
  ),
  {
    title: 'a form whose bytes are no UTF-8',
    send: token(Buffer.concat([Buffer.from(`${GRANT}&x=`), Buffer.from([0xff])])),
    status: 400,
    answer: 'invalid_request',
  },

  // Sizes.
  {
    title: 'a body of just the limit',
    send: token(`${GRANT}${'&'.repeat(LIMIT - GRANT.length)}`),
    status: 200,
    answer: granted,
  },
  { title: 'a body of one byte more', send: token('&'.repeat(LIMIT + 1)), status: 413, answer: 'invalid_request' },

  // Two faults at once: which is told depends on no host.
  {
    title: 'a wrong method and too large a body',
    send: () => ({ method: 'PUT', path: '/oauth2/token', body: 'x'.repeat(LIMIT + 1) }),
    status: 405,
    answer: 'invalid_request',
  },
  {
    title: 'too large a body of a wrong type',
    send: token('x'.repeat(LIMIT + 1), { 'content-type': 'application/json' }),
    status: 413,
    answer: 'invalid_request',
  },
  {
    title: 'too large a body of a type that is none',
    send: token('x'.repeat(LIMIT + 1), { 'content-type': 'form' }),
    status: 413,
    answer: 'invalid_request',
  },
  {
    title: 'a malformed form of a stranger',
    send: () => post('/oauth2/token', 'x=%zz'),
    status: 400,
    answer: 'invalid_request',
  },
  {
    title: 'a stranger who asks for an unknown grant type',
    send: () => post('/oauth2/token', 'grant_type=password'),
    status: 401,
    answer: 'invalid_client',
  },
]
