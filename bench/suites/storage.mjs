import { createHash, randomBytes } from 'node:crypto'
import { STORAGES, withBackend } from '../backends/index.mjs'
import { anyOf, serverOn, tokensOf } from '../core-server.mjs'
import { figure, told } from '../figures.mjs'
import { interleaveWindows, middle } from '../windows.mjs'

const sha256 = (value) => createHash('sha256').update(value).digest('base64url')

/** What nobody who issues or introspects is without: the hash of the secret and that of the token. */
function hashTwo(value) {
  sha256('a secret of forty-three characters, or about')
  sha256(value)
}

/** A limit that does the work of a token as well. */
const WITH_WORK = ', with the work of a token'

/** How many tokens there are to introspect. */
const KNOWN = 20_000
const CALLERS = [1, 64]

/**
 * Issuing and introspecting opaque tokens in this process on each storage, the client at hand as in a warm cache, beside the
 * limit of that storage: the same driver, durability, size of record and number of connections, and the best of three sizes of
 * batches. `--only` takes storages.
 */
export async function run({ only, rounds, seconds, progress }) {
  const names = STORAGES.filter((name) => only === undefined || only.includes(name))
  const tables = []
  const figures = {}
  for (const [index, name] of names.entries())
    await withBackend(name, async (backend) => {
      const part = progress.part(index, names.length, backend.name)
      const rows = await measure(backend, { rounds, seconds, progress: part, figures })
      tables.push({
        title: `${backend.name} (${backend.version})`,
        columns: [
          '',
          'ratio to the limit',
          'to one with the work of a token',
          'the limit: best of three',
          'calls/s',
          'of the limit',
          'p50 ms',
          'p99 ms',
        ],
        rows,
      })
    })
  return {
    notes: [
      'In one process, the client at hand as in a warm cache. The limit is what the same driver does with rows of the same size and as many connections: each call for itself, a quarter of those in flight together, or all of them together, whichever is fastest; on memory it is two hashes, random bytes and a `Map`. With the work of a token, each call hashes a secret and a token too, and reads the record that is found: nobody who issues or introspects is without that.',
    ],
    tables,
    figures,
    charts: [],
  }
}

async function measure(backend, { rounds, seconds, progress, figures }) {
  const latchkey = serverOn(backend.adapter.tokens)
  const tokens = await tokensOf(latchkey, KNOWN)
  const record = await backend.adapter.tokens.find(createHash('sha256').update(tokens[0]).digest('base64url'))
  const fresh = () => ({ ...record, id: randomBytes(32).toString('base64url') })
  const ids = Array.from({ length: KNOWN }, () => randomBytes(32).toString('base64url'))
  const { keep } = backend.limits(CALLERS.at(-1)).at(-1)
  for (let at = 0; at < ids.length; at += 100)
    await Promise.all(ids.slice(at, at + 100).map((id) => keep({ ...record, id })))

  const rows = []
  for (const [index, callers] of CALLERS.entries()) {
    const limits = backend.limits(callers)
    const targets = {
      issue: [
        { name: 'latchkey', operation: latchkey.issue },
        ...limits.map(({ name, save }) => ({ name, operation: () => save(fresh()) })),
        ...limits.map(({ name, save }) => ({
          name: name + WITH_WORK,
          operation() {
            const made = fresh()
            hashTwo(made.id)
            return save(made)
          },
        })),
      ],
      introspect: [
        { name: 'latchkey', operation: () => latchkey.introspect(anyOf(tokens)) },
        ...limits.map(({ name, find }) => ({
          name,
          async operation() {
            if (!(await find(anyOf(ids)))) throw new Error('a token was not found')
          },
        })),
        ...limits.map(({ name, find }) => ({
          name: name + WITH_WORK,
          async operation() {
            const id = anyOf(ids)
            hashTwo(id)
            const found = await find(id)
            // Of memory it is the record itself.
            if (typeof found === 'string' && JSON.parse(found) === null) throw new Error('a token was not found')
          },
        })),
      ],
    }
    for (const [turn, [what, ways]] of Object.entries(targets).entries()) {
      progress(`${what}, ${callers} in flight`, (index * 2 + turn) / (CALLERS.length * 2))
      const results = await interleaveWindows(ways, { rounds, seconds: seconds / 2, callers })
      const ratioTo = (name) =>
        figure(results.get('latchkey').map(({ perSecond }, round) => perSecond / results.get(name)[round].perSecond))
      const best = bestLimit(results, (name) => !name.endsWith(WITH_WORK))
      const ratio = ratioTo(best)
      const ratioWithWork = ratioTo(bestLimit(results, (name) => name.endsWith(WITH_WORK)))
      figures[`${backend.name}: ${what}, ${callers} in flight`] = ratio
      figures[`${backend.name}: ${what}, ${callers} in flight${WITH_WORK}`] = ratioWithWork
      const own = (member, digits) => middle(results, 'latchkey', member).toFixed(digits)
      rows.push([
        `${what}, ${callers} in flight`,
        told(ratio),
        told(ratioWithWork),
        best,
        own('perSecond', 0),
        middle(results, best, 'perSecond').toFixed(0),
        own('p50', 2),
        own('p99', 2),
      ])
    }
  }
  return rows
}

/** The size of batches that did best over all. */
const bestLimit = (results, isMeant) =>
  [...results.keys()]
    .filter((name) => name !== 'latchkey' && isMeant(name))
    .reduce((best, name) => (middle(results, name, 'perSecond') > middle(results, best, 'perSecond') ? name : best))
