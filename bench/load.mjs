/** A process of its own: one burst of load, described as JSON in its argument, its result as JSON on standard output. */
import autocannon from 'autocannon'

const { url, headers, body, connections, seconds, expected } = JSON.parse(process.argv[2])

const result = await autocannon({ url, method: 'POST', headers, body, connections, duration: seconds })
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
