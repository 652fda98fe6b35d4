import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { constantRoute, latchkey, limit, oidcProvider } from '../contenders.mjs'
import { figureOf, told } from '../figures.mjs'
import { freePort } from '../free-port.mjs'
import { tokenRequest } from '../requests.mjs'
import { median } from '../rounds.mjs'
import { spawnServer } from '../server-process.mjs'

const STARTS = 10
const CONTENDERS = [latchkey(), oidcProvider(), constantRoute, limit('raw-http', { server: 'raw-http' })]

/** From the start of the process to the first token, over and over in turn. `--only` takes servers. */
export async function run({ only, rounds, progress }) {
  const contenders = CONTENDERS.filter(({ name }) => only === undefined || only.includes(name))
  const results = new Map(contenders.map(({ name }) => [name, []]))
  // The first start of each reads files that no cache has.
  for (const contender of contenders) await milliseconds(contender)
  const starts = Math.max(STARTS, rounds * 2)
  for (let start = 0; start < starts; start += 1)
    for (let turn = 0; turn < contenders.length; turn += 1) {
      const contender = contenders[(start + turn) % contenders.length]
      progress(`start ${start + 1} of ${starts}`, (start + turn / contenders.length) / starts)
      results.get(contender.name).push({ time: await milliseconds(contender) })
    }
  const figures = {}
  for (const name of results.keys()) {
    figures[`${name}: ms`] = figureOf(results, name, 'time')
    if (results.has('latchkey')) figures[`ratio to ${name}`] = ratioOfMedians(results, name)
  }
  return {
    notes: [
      `${starts} starts of each, in turn: the time from the start of the process until a token request is answered with 200. The ratio is that of the medians, and its spread that of each half of the starts.`,
    ],
    tables: [
      {
        title: 'Start of the process to the first token',
        columns: ['', 'ms'],
        rows: [...results.keys()].map((name) => [name, told(figures[`${name}: ms`], 0)]),
      },
    ],
    figures,
    charts: [
      {
        title: 'Cold start to the first token',
        unit: 'ms',
        bars: [...results.keys()].map((name) => ({
          label: name,
          value: figures[`${name}: ms`].median,
          ours: name === 'latchkey',
        })),
      },
    ],
  }
}

function ratioOfMedians(results, name) {
  const times = (of, from, to) =>
    median(
      results
        .get(of)
        .slice(from, to)
        .map(({ time }) => time),
    )
  const ratio = (from, to) => times('latchkey', from, to) / times(name, from, to)
  const half = Math.floor(results.get(name).length / 2)
  const halves = [ratio(0, half), ratio(half)]
  return { median: ratio(0), low: Math.min(...halves), high: Math.max(...halves) }
}

async function milliseconds({ name, command }) {
  const port = await freePort()
  const { clean, ready: _, ...rest } = command(port)
  const asked = tokenRequest({ origin: `http://127.0.0.1:${port}` })
  const began = performance.now()
  const { child, stop } = spawnServer(rest)
  try {
    while ((await statusOf(asked)) !== 200) {
      if (child.exitCode !== null || performance.now() - began > 60_000) throw new Error(`${name} did not start`)
      await sleep(1)
    }
    return performance.now() - began
  } finally {
    await stop()
    clean?.()
  }
}

/** The status of the answer, once all of it is there; `undefined` where nobody listens yet. */
const statusOf = ({ url, headers, body }) =>
  new Promise((resolve) => {
    const sent = request(url, { method: 'POST', headers: { ...headers, 'content-length': body.length }, agent: false })
    sent.once('error', () => resolve(undefined))
    sent.once('response', (response) => {
      response.resume()
      response.once('end', () => resolve(response.statusCode))
    })
    sent.end(body)
  })
