import { Agent, request } from 'node:http'
import { generateSecret } from '../../packages/core/dist/index.js'
import { latchkey, withTargets } from '../contenders.mjs'
import { median } from '../rounds.mjs'
import { makeSigningKey, signedRequests } from '../signed-requests.mjs'

const agent = new Agent({ keepAlive: true, maxSockets: 1 })

/** Milliseconds until the last byte of one answer, which must be a 401. */
const timeOne = (port, { headers, body }) =>
  new Promise((resolve, reject) => {
    const started = process.hrtime.bigint()
    const sent = request(
      {
        agent,
        host: '127.0.0.1',
        port,
        path: '/oauth2/token',
        method: 'POST',
        headers: {
          ...headers,
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': body.length,
        },
      },
      (response) => {
        response.resume()
        response.once('end', () => {
          if (response.statusCode === 401) resolve(Number(process.hrtime.bigint() - started) / 1e6)
          else reject(new Error(`expected 401, got ${response.statusCode}`))
        })
      },
    )
    sent.once('error', reject)
    sent.end(body)
  })

const BODY = 'grant_type=client_credentials'

/** The same request again and again. */
const withSecret = (id, secret) => () => ({
  headers: { authorization: `Basic ${btoa(`${id}:${secret}`)}` },
  body: BODY,
})

/** Each request with an assertion of its own. */
function withAssertion(port, client, key, samples) {
  const issuer = `http://localhost:${port}`
  const made = signedRequests({ client, issuer, ...key, assertion: true, body: BODY }, samples)
  return () => made.pop()
}

/**
 * Whether a refusal tells by its time why it was refused: the median of each case as a ratio to that of a wrong secret or key,
 * the cases in turn and never in the same order. A difference of five per cent would be one.
 */
export async function run() {
  const live = generateSecret()
  const expired = generateSecret()
  const secrets = (generated, rest = {}) => [{ id: generated.credentialId, hash: generated.hash, ...rest }]
  const [signer, other] = [makeSigningKey(), makeSigningKey()]
  const jwks = { keys: [signer.jwk] }
  const contender = latchkey({
    clients: {
      alive: { client_secrets: secrets(live) },
      expired: { client_secrets: secrets(expired, { expires_at: 1 }) },
      disabled: { enabled: false, client_secrets: secrets(live) },
      post_only: { token_endpoint_auth_method: 'client_secret_post', client_secrets: secrets(live) },
      signs: { jwks },
      signs_disabled: { enabled: false, jwks },
      signs_otherwise: { token_endpoint_auth_method: 'self_signed_tls_client_auth', jwks },
      chosen: { client_secret: 'a secret that a person chose' },
      chosen_disabled: { enabled: false, client_secret: 'a secret that a person chose' },
    },
  })
  const wrong = generateSecret().secret
  const compared = async ([{ port }]) =>
    [
      await compare(port, 'Secrets of the generated form', 2000, {
        'wrong secret': withSecret('alive', wrong),
        'unknown client': withSecret('nobody', wrong),
        'expired secret': withSecret('expired', expired.secret),
        'disabled client': withSecret('disabled', live.secret),
        'wrong method': withSecret('post_only', live.secret),
      }),
      await compare(port, 'Other secrets, each a key derivation', 40, {
        'wrong secret': withSecret('chosen', 'not it'),
        'unknown client': withSecret('nobody', 'not it'),
        'client without such a secret': withSecret('alive', 'not it'),
        'disabled client': withSecret('chosen_disabled', 'not it'),
      }),
      await compare(port, 'Assertions', 2000, {
        'wrong key': withAssertion(port, 'signs', other, 2500),
        'unknown client': withAssertion(port, 'nobody', other, 2500),
        'client without keys': withAssertion(port, 'alive', other, 2500),
        'disabled client': withAssertion(port, 'signs_disabled', signer, 2500),
        'wrong method': withAssertion(port, 'signs_otherwise', signer, 2500),
      }),
    ].join('\n\n')
  try {
    return await withTargets([contender], compared)
  } finally {
    agent.destroy()
  }
}

async function compare(port, title, samples, cases) {
  const entries = Object.entries(cases)
  const times = new Map(entries.map(([name]) => [name, []]))
  const warmUp = samples >> 2
  for (let sample = -warmUp; sample < samples; sample += 1)
    for (let turn = 0; turn < entries.length; turn += 1) {
      const [name, next] = entries[(turn + sample + warmUp) % entries.length]
      const time = await timeOne(port, next())
      if (sample >= 0) times.get(name).push(time)
    }
  const [[reference]] = entries
  const base = median(times.get(reference))
  return [
    `### ${title}, ${samples} samples each\n`,
    `| | p50, ratio to a ${reference} | p50 ms |`,
    '|---|---|---|',
    ...entries.map(
      ([name]) =>
        `| ${name} | ${(median(times.get(name)) / base).toFixed(3)} | ${median(times.get(name)).toFixed(3)} |`,
    ),
  ].join('\n')
}
