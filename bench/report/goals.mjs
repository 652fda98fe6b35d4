/**
 * @typedef {import('./results.mjs').Figure} Figure
 * @typedef {import('./results.mjs').Result} Result
 *
 * @typedef {object} Goal
 * @property {string} says what is to be reached
 * @property {string} suite where it is measured
 * @property {string} figure which of its figures
 * @property {number} [atLeast]
 * @property {number} [atMost]
 * @property {number} [digits] after the point, two unless given
 * @property {number} [tokens] with how many live tokens at least it must have been measured
 * @property {string} [beside] the figure of the same suite that has us beside the limit; what the limit itself reaches follows
 * @property {string} [limit] the figure of the same suite that is the limit's own
 */

/** The endpoint by hand that does all that issuing takes. */
const BY_HAND = 'raw-http, all that issuing takes'

const peer = (/** @type {string} */ name, /** @type {number} */ atLeast) => ({
  says: `Token endpoint, opaque, memory, 64 connections: at least ${atLeast} times ${name}`,
  suite: 'token-endpoint',
  figure: `64: requests to ${name}`,
  atLeast,
  beside: `64: requests to ${BY_HAND}`,
})

const signed = (/** @type {string} */ alg) => ({
  says: `JWTs by ${alg}: at least 0.9 of a route that does nothing but parse and sign`,
  suite: 'signed-tokens',
  figure: `${alg}: requests to signing-route`,
  atLeast: 0.9,
  beside: `${alg}: requests to raw-http, one signature`,
})

const signedPeer = (/** @type {string} */ alg) => ({
  says: `JWTs by ${alg}: at least 3 times oidc-provider`,
  suite: 'signed-tokens',
  figure: `${alg}: requests to oidc-provider`,
  atLeast: 3,
  beside: `${alg}: requests to raw-http, one signature`,
})

const batched = (/** @type {string} */ storage, /** @type {string} */ what) => ({
  says: `${storage}, 64 in flight, ${what}: at least 0.8 of the fastest batched limit`,
  suite: 'storage',
  figure: `${storage}: ${what}, 64 in flight`,
  atLeast: 0.8,
  beside: `${storage}: ${what}, 64 in flight, with the work of a token`,
})

const batchedRoute = (/** @type {string} */ storage, /** @type {'issue' | 'introspect'} */ what) => ({
  says: `${storage}, 64 connections, ${what} over HTTP: at least 0.8 of a route that does the same in batches`,
  suite: 'token-storages',
  figure: `${storage}: ${what}, requests to the route`,
  atLeast: 0.8,
})

/** A batch that notes when a secret was last used may come between. */
const ONE = 1.05

const roundTrips = (/** @type {'postgres' | 'redis'} */ storage) => {
  const name = { postgres: 'Postgres', redis: 'Redis' }[storage]
  return [
    {
      says: `${name}, client at hand: issuing an opaque token is one round trip`,
      suite: 'round-trips',
      figure: `${storage}: issue, opaque`,
      atMost: ONE,
    },
    {
      says: `${name}, client at hand: issuing a JWT is none`,
      suite: 'round-trips',
      figure: `${storage}: issue, jwt`,
      atMost: ONE - 1,
    },
    {
      says: `${name}, client at hand: introspecting an opaque token is one`,
      suite: 'round-trips',
      figure: `${storage}: introspect, opaque`,
      atMost: ONE,
    },
  ]
}

/**
 * What is to be reached, each of it a figure that a suite measures.
 *
 * @type {readonly Goal[]}
 */
export const GOALS = [
  {
    says: 'Token endpoint, opaque, memory, 64 connections: at least a Fastify route that parses the form and returns a constant',
    suite: 'token-endpoint',
    figure: '64: requests to constant-route',
    atLeast: 1,
    beside: `64: requests to ${BY_HAND}`,
  },
  peer('oidc-provider', 6),
  peer('@node-oauth/oauth2-server', 7),
  peer('@jmondi/oauth2-server', 18),
  peer('better-auth', 50),
  {
    says: 'Token endpoint, opaque, memory, 64 connections: p99 at most 0.3 of oidc-provider’s',
    suite: 'token-endpoint',
    figure: '64: p99 to oidc-provider',
    atMost: 0.3,
    beside: `64: p99 to ${BY_HAND}`,
  },
  ...['ES256', 'EdDSA', 'RS256'].map(signed),
  ...['ES256', 'EdDSA'].map(signedPeer),
  {
    says: 'Introspection of an opaque token, memory, 64 connections: at least the constant route',
    suite: 'introspection',
    figure: 'opaque: requests to constant-route',
    atLeast: 1,
    beside: 'opaque: requests to raw-http',
  },
  {
    says: 'Introspection of a JWT, 64 connections: at least 0.9 of a route that does one verification by node:crypto',
    suite: 'introspection',
    figure: 'JWT: requests to verifying-route',
    atLeast: 0.9,
  },
  ...['Redis', 'Postgres'].flatMap((storage) => [
    batched(storage, 'issue'),
    batched(storage, 'introspect'),
    batchedRoute(storage, 'issue'),
    batchedRoute(storage, 'introspect'),
  ]),
  ...roundTrips('redis'),
  ...roundTrips('postgres'),
  {
    says: 'Memory: at most 300 bytes for each live token, everything included',
    suite: 'memory',
    figure: 'latchkey: bytes',
    atMost: 300,
    digits: 0,
  },
  {
    says: 'Memory: a million live tokens without a pause of the event loop over 20 ms',
    suite: 'live-tokens',
    figure: 'memory: pause of the event loop, ms',
    atMost: 20,
    digits: 1,
    tokens: 1_000_000,
  },
  {
    says: 'Cold start to the first token: at most 0.9 of oidc-provider’s',
    suite: 'start-up',
    figure: 'ratio to oidc-provider',
    atMost: 0.9,
  },
  {
    says: 'Workers on two free cores, JWTs, 128 connections: at least 1.8 times one process',
    suite: 'workers',
    figure: 'JWT, ES256: workers to one process',
    atLeast: 1.8,
    limit: 'JWT, ES256: workers to one process, the limit',
  },
  {
    says: 'Workers on two free cores, opaque tokens on Redis, 128 connections: at least 1.8 times one process',
    suite: 'workers',
    figure: 'opaque on Redis: workers to one process',
    atLeast: 1.8,
    limit: 'opaque on Redis: workers to one process, the limit',
  },
  {
    says: 'Workers on memory are refused (1 is yes)',
    suite: 'workers',
    figure: 'memory with workers is refused',
    atLeast: 1,
    digits: 0,
  },
]

/**
 * The figure of a goal, whether it is met, and what the limit reaches; each is `undefined` where it was not measured.
 *
 * @param {Goal} goal
 * @param {ReadonlyMap<string, Result>} results
 * @returns {{ readonly figure: Figure | undefined, readonly isMet: boolean | undefined, readonly limit: number | undefined }}
 */
export function judge(goal, results) {
  const { suite, figure: name, atLeast = 0, atMost = Number.POSITIVE_INFINITY, tokens = 0, beside, limit } = goal
  const result = results.get(suite)
  const figures = result && result.measured.tokens >= tokens ? result.figures : {}
  const figure = figures[name]

  function limitOf() {
    if (limit !== undefined) return figures[limit]?.median
    const ours = beside === undefined ? undefined : figures[beside]
    return figure && ours && figure.median / ours.median
  }

  return {
    figure,
    isMet: figure && figure.median >= atLeast && figure.median <= atMost,
    limit: limitOf(),
  }
}
