import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { STORAGES, withBackend } from '../backends/index.mjs'
import { serverOn } from '../core-server.mjs'
import { figure, told } from '../figures.mjs'
import { median } from '../rounds.mjs'
import { loadWhile } from '../windows.mjs'

/** In flight while they are forgotten. */
const CALLERS = 64

/** Issuing on each storage while expired tokens are forgotten, beside the same when nothing is; `--only` takes storages. */
export async function run({ only, rounds, seconds, tokens, progress }) {
  // A tenth of what lives at once is forgotten in all rounds together.
  const share = Math.ceil(tokens / 10 / rounds)
  const names = STORAGES.filter((name) => only === undefined || only.includes(name))
  const rows = []
  const figures = {}
  for (const [index, name] of names.entries())
    await withBackend(name, async (backend) => {
      const found = await measure(backend, {
        rounds,
        seconds,
        share,
        progress: progress.part(index, names.length, name),
      })
      figures[`${backend.name}: of the throughput`] = figure(found.ratios)
      rows.push([
        backend.name,
        told(figure(found.ratios)),
        median(found.forgottenPerSecond).toFixed(0),
        Math.max(...found.slowest).toFixed(0),
        backend.version,
      ])
    })
  return {
    notes: [
      `${share * rounds} expired tokens are forgotten in ${rounds} rounds, ${CALLERS} callers in one process issuing meanwhile. Postgres rests between small steps ([why](adr/0014-forgetting-expired-tokens.md)); Redis forgets by itself.`,
    ],
    tables: [
      {
        title: 'While tokens are forgotten',
        columns: ['', 'issued, of the throughput when nothing is', 'forgotten/s', 'slowest answer, ms', 'on'],
        rows,
      },
    ],
    figures,
    charts: [],
  }
}

async function measure(backend, { rounds, seconds, share, progress }) {
  const { issue } = serverOn(backend.adapter.tokens)
  const record = await backend.adapter.tokens.find(
    createHash('sha256')
      .update(await issue())
      .digest('base64url'),
  )
  const quiet = () => loadWhile(issue, { callers: CALLERS, during: () => sleep(seconds * 1000) })
  const found = { ratios: [], forgottenPerSecond: [], slowest: [] }
  for (let round = 0; round < rounds; round += 1) {
    progress(`round ${round + 1} of ${rounds}`, round / rounds)
    await backend.expire(share, record)
    const started = performance.now()
    const during = await loadWhile(issue, { callers: CALLERS, during: backend.forget })
    found.forgottenPerSecond.push((share / (performance.now() - started)) * 1000)
    const { perSecond } = await quiet()
    found.ratios.push(during.perSecond / perSecond)
    found.slowest.push(during.slowest)
  }
  return found
}
