/**
 * A process of its own: one burst of load. It is told the plan by a message, says when it has made its requests ready, begins
 * when it is told to, and tells the result.
 */
import autocannon from 'autocannon'
import { signedRequests } from './signed-requests.mjs'

/** More than any server here answers. */
const MOST_PER_SECOND = 30_000

/** Whose time is kept: more than there are in any burst. */
const MOST_ANSWERS = 2_000_000

const next = () => new Promise((resolve) => process.once('message', resolve))

const { url, headers, body, connections, seconds, amount, variants, signed, revokes } = await next()

/** What differs between requests: members that replace those of the plan, each taken once or in turn. */
async function own() {
  if (signed !== undefined)
    return { once: true, list: signedRequests({ ...signed, url, headers, body }, seconds * MOST_PER_SECOND) }
  if (revokes !== undefined) return { once: true, list: await tokensToRevoke() }
  return { once: false, list: variants }
}

/** Tokens that are there, one for each request. */
async function tokensToRevoke() {
  const list = []
  const issue = async () => {
    while (list.length < amount) {
      const answer = await fetch(revokes.url, { method: 'POST', headers: revokes.headers, body: revokes.body })
      list.push({ body: `token=${(await answer.json()).access_token}` })
    }
  }
  await Promise.all(Array.from({ length: 16 }, issue))
  return list
}

const { once, list } = await own()
let taken = 0
const setupRequest = (request) => {
  const mine = list[once ? taken : taken % list.length]
  taken += 1
  // The last connections ask for more than they will send.
  return { ...request, ...(mine ?? list[0]), headers: { ...request.headers, ...mine?.headers } }
}

/** As many as are made ready before the first is sent, for each connection; of more, each is made when its turn comes. */
const MOST_READY = 16
const requests =
  once || list === undefined || list.length > MOST_READY
    ? [{ setupRequest }]
    : list.map((mine) => ({ body, ...mine, headers: { ...headers, ...mine.headers } }))

process.send('ready')
await next()
const times = new Float32Array(MOST_ANSWERS)
let answers = 0
let last = 0
const cpuBefore = process.cpuUsage()
const began = performance.now()
const running = autocannon({
  url,
  method: 'POST',
  headers,
  body,
  connections,
  ...(amount === undefined ? { duration: seconds } : { amount }),
  ...(list !== undefined && { requests }),
})
// In fractions of a millisecond, which its own histogram does not have.
running.on('response', (_client, _status, _bytes, time) => {
  if (answers < MOST_ANSWERS) times[answers] = time
  answers += 1
  // It says that it has ended up to a second after the last answer.
  last = performance.now()
})
const result = await running
const elapsed = last - began
const { user, system } = process.cpuUsage(cpuBefore)
const wrong = result.non2xx + result.errors + result.timeouts
if (wrong > 0) throw new Error(`${wrong} of ${result.requests.total} requests to ${url} failed`)
if (once && taken > list.length + connections) throw new Error('more requests were sent than had been made')

const sorted = times.subarray(0, Math.min(answers, MOST_ANSWERS)).sort()
process.send({
  requests: result.requests.total,
  perSecond: (result.requests.total / elapsed) * 1000,
  p50: sorted[Math.floor(sorted.length * 0.5)],
  p99: sorted[Math.floor(sorted.length * 0.99)],
  busy: (user + system) / 1000 / elapsed,
})
process.disconnect()
