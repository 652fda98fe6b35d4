import { randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { hashSecret } from '../../packages/core/dist/index.js'
import { CLIENT, latchkey, registered, SCOPE, withTargets } from '../contenders.mjs'
import { figure, figureOf, ratioOf, tableOf, told } from '../figures.mjs'
import { basic, tokenRequest } from '../requests.mjs'
import { interleave, median } from '../rounds.mjs'

const SECRET = 'a secret that a person chose'
/** How many clients ask for the first time in each round. */
const FIRST = 8

/**
 * A client with a secret that a person chose: while it is remembered, beside one with a generated secret; and the first time,
 * beside one derivation by node:crypto.
 */
export async function run({ rounds, seconds, progress }) {
  const chosen = { client_secret_hash: await hashSecret(SECRET), scope: SCOPE }
  const strangers = Array.from({ length: FIRST * rounds }, (_, number) => `stranger-${number}`)
  const clients = { [CLIENT]: registered, chosen }
  for (const id of strangers) clients[id] = chosen
  return await withTargets([latchkey({ clients })], async ([server]) => {
    const generated = { ...server, name: 'a generated secret', request: tokenRequest(server) }
    const remembered = {
      ...server,
      name: 'a chosen secret, remembered',
      request: tokenRequest(server, basic('chosen', SECRET)),
    }
    const part = progress.part(0, 2)
    const results = await interleave([generated, remembered], { rounds, seconds, connections: 64, progress: part })
    const firsts = await firstTimes(server, strangers, progress.part(1, 2))
    return {
      notes: [
        'A secret that a person chose costs a slow key derivation, once a minute on each process ([why](adr/0004-what-a-secret-costs.md)).',
      ],
      tables: [
        tableOf('64 connections', results, generated.name),
        {
          title: 'The first request of a client, one after the other',
          columns: ['', 'time, ratio to the bare derivation', 'ms'],
          rows: [
            ['scrypt of node:crypto, N = 2^15, r = 8, p = 3', '1', median(firsts.bare).toFixed(0)],
            ['latchkey', told(firsts.ratio), median(firsts.own).toFixed(0)],
          ],
        },
      ],
      figures: {
        'remembered: requests to a generated secret': ratioOf(results, remembered.name, generated.name),
        'remembered: requests/s': figureOf(results, remembered.name, 'perSecond'),
        'first: time to the bare derivation': firsts.ratio,
      },
      charts: [],
    }
  })
}

async function firstTimes(server, strangers, progress) {
  const bare = []
  const own = []
  const derive = promisify(scrypt)
  for (const [index, id] of strangers.entries()) {
    progress(`first request ${index + 1} of ${strangers.length}`, index / strangers.length)
    const began = performance.now()
    await derive(SECRET, randomBytes(16), 32, { N: 2 ** 15, r: 8, p: 3, maxmem: 2 ** 26 })
    const between = performance.now()
    const { url, headers, body } = tokenRequest(server, basic(id, SECRET))
    const answer = await fetch(url, { method: 'POST', headers, body })
    await answer.text()
    if (answer.status !== 200) throw new Error(`${id} was answered ${answer.status}`)
    bare.push(between - began)
    own.push(performance.now() - between)
  }
  return { bare, own, ratio: figure(own.map((time, index) => time / bare[index])) }
}
