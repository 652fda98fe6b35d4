/** A process of its own: one burst of load, described as JSON in its argument, its result as JSON on standard output. */
import autocannon from 'autocannon'
import { signedRequests } from './signed-requests.mjs'

const { url, headers, body, signed, connections, seconds, expected } = JSON.parse(process.argv[2])

/** More than any server here answers. */
const MOST_PER_SECOND = 12_000

function onceEach() {
  const made = signedRequests({ ...signed, url, headers, body }, seconds * MOST_PER_SECOND)
  let next = 0
  return [
    {
      setupRequest(request) {
        const { headers: own, body: content } = made[next++] ?? raise('there are more requests than were made')
        return { ...request, headers: own, body: content }
      },
    },
  ]
}

function raise(message) {
  throw new Error(message)
}

const result = await autocannon({
  url,
  method: 'POST',
  headers,
  body,
  connections,
  duration: seconds,
  ...(signed && { requests: onceEach() }),
})
const wrong = result.non2xx + result.errors + result.timeouts
if (expected === '2xx' && wrong > 0) throw new Error(`${wrong} of ${result.requests.total} requests to ${url} failed`)

console.log(
  JSON.stringify({
    requests: result.requests.total,
    perSecond: result.requests.total / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
  }),
)
