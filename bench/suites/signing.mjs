import { createHmac, createSecretKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { CompactSign } from 'jose'
import { median } from '../rounds.mjs'

/** Claims of the size of ours. */
const PAYLOAD = JSON.stringify({
  iss: 'https://auth.example.com',
  sub: 'nightly-reports',
  aud: 'https://auth.example.com',
  exp: 1_800_003_600,
  iat: 1_800_000_000,
  jti: randomBytes(32).toString('base64url'),
  client_id: 'nightly-reports',
  scope: 'orders:read orders:write',
})

const RSA_PSS = { padding: 6, saltLength: -1 }
const P1363 = { dsaEncoding: 'ieee-p1363' }

/** @type {Record<string, { key: () => import('node:crypto').KeyObject, digest?: string, options?: object }>} */
const ALGORITHMS = {
  HS256: { key: () => createSecretKey(randomBytes(32)) },
  ES256: { key: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, digest: 'sha256', options: P1363 },
  ES384: { key: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey, digest: 'sha384', options: P1363 },
  EdDSA: { key: () => generateKeyPairSync('ed25519').privateKey },
  RS256: { key: () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, digest: 'sha256' },
  PS256: {
    key: () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
    digest: 'sha256',
    options: RSA_PSS,
  },
}

/** The ways in which a token of an algorithm can be signed, each from claims to the whole token. */
async function waysOf(alg) {
  const { key: make, digest, options } = ALGORITHMS[alg]
  const key = make()
  const header = `${Buffer.from(JSON.stringify({ alg, typ: 'at+jwt', kid: 'k' })).toString('base64url')}.`
  const body = () => header + Buffer.from(PAYLOAD).toString('base64url')
  const keyOf = { key, ...options }
  const joseKey = key.type === 'secret' ? await importSecret(key) : await importPrivate(key, alg)
  const jose = async () =>
    new CompactSign(Buffer.from(PAYLOAD)).setProtectedHeader({ alg, typ: 'at+jwt', kid: 'k' }).sign(joseKey)
  if (alg === 'HS256')
    return {
      jose,
      sync: () => {
        const text = body()
        return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`
      },
    }
  return {
    jose,
    sync: () => {
      const text = body()
      return `${text}.${sign(digest, Buffer.from(text), keyOf).toString('base64url')}`
    },
    callback: () =>
      new Promise((resolve, reject) => {
        const text = body()
        sign(digest, Buffer.from(text), keyOf, (error, signature) =>
          error instanceof Error ? reject(error) : resolve(`${text}.${signature.toString('base64url')}`),
        )
      }),
  }
}

const importSecret = (key) =>
  crypto.subtle.importKey('raw', key.export(), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])

const importPrivate = async (key, alg) => (await import('jose')).importJWK(key.export({ format: 'jwk' }), alg)

/** Signs for so long with so many under way. Tells how many were signed in a second, and for how long the loop was held up. */
async function burst(signOnce, inFlight, milliseconds) {
  let signed = 0
  let longest = 0
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last - 1)
    last = now
  }, 1)
  const cpuBefore = process.cpuUsage()
  const start = performance.now()
  const end = start + milliseconds
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (performance.now() < end) {
        await signOnce()
        signed += 1
        // As between two requests: whatever else waits has its turn.
        if (signed % inFlight === 0) await new Promise((resume) => setImmediate(resume))
      }
    }),
  )
  const seconds = (performance.now() - start) / 1000
  clearInterval(timer)
  longest = Math.max(longest, performance.now() - last - 1)
  const { user, system } = process.cpuUsage(cpuBefore)
  return { perSecond: signed / seconds, cpuMicroseconds: (user + system) / signed, longest }
}

/** How access tokens are best signed: jose, node:crypto at once, and node:crypto on its threads, with 1 and 64 under way. */
export async function run({ only, rounds }) {
  const rows = []
  for (const alg of Object.keys(ALGORITHMS).filter((name) => only === undefined || only.includes(name))) {
    const ways = await waysOf(alg)
    for (const inFlight of [1, 64]) {
      const results = Object.fromEntries(Object.keys(ways).map((way) => [way, []]))
      for (const way of Object.values(ways)) await burst(way, inFlight, 100)
      const names = Object.keys(ways)
      for (let round = 0; round < rounds; round += 1)
        for (let turn = 0; turn < names.length; turn += 1) {
          const name = names[(round + turn) % names.length]
          results[name].push(await burst(ways[name], inFlight, 400))
        }
      for (const name of names) {
        const ratios = results[name].map(({ perSecond }, round) => perSecond / results.sync[round].perSecond)
        const of = (member) => median(results[name].map((result) => result[member]))
        rows.push(
          `| ${alg} | ${inFlight} | ${name} | ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}) | ${Math.round(of('perSecond'))} | ${Math.round(of('cpuMicroseconds'))} | ${of('longest').toFixed(1)} |`,
        )
      }
    }
  }
  return [
    '| algorithm | under way | way | tokens, ratio to sync | tokens/s | CPU µs | loop held up at most, ms |',
    '|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}
