import { mkdirSync, writeFileSync } from 'node:fs'
import { DECISIONS, SUITES } from '../suites.mjs'
import { svgOf } from './chart.mjs'
import { GOALS, judge } from './goals.mjs'
import { FOLDER, readResults } from './results.mjs'

/**
 * @typedef {import('./results.mjs').Circumstances} Circumstances
 * @typedef {import('./results.mjs').Figure} Figure
 * @typedef {import('./results.mjs').Found} Found
 * @typedef {import('./results.mjs').Result} Result
 * @typedef {import('./results.mjs').Table} Table
 */

/** Fewer resolve too little. */
const ROUNDS = 5

const COMMAND = 'npx --yes pnpm@10.34.9 bench'

/** Writes the page and its charts from what was kept. */
export function writePage() {
  const results = readResults()
  mkdirSync(FOLDER, { recursive: true })
  for (const [name, svg] of charts(results)) writeFileSync(new URL(name, FOLDER), svg)
  writeFileSync(new URL('../benchmarks.md', FOLDER), page(results))
}

/**
 * Every chart by the name of its file. The first of a suite has the suite's name.
 *
 * @param {ReadonlyMap<string, Result>} results
 * @returns {ReadonlyMap<string, string>}
 */
export function charts(results) {
  return new Map(
    [...results].flatMap(([suite, { charts: all }]) =>
      all.map((chart, index) => /** @type {const} */ ([chartName(suite, index), svgOf(chart)])),
    ),
  )
}

const chartName = (/** @type {string} */ suite, /** @type {number} */ index) =>
  `${suite}${index === 0 ? '' : `-${index + 1}`}.svg`

/**
 * The whole page.
 *
 * @param {ReadonlyMap<string, Result>} results
 */
export function page(results) {
  const latest = [...results.values()].map(({ measured }) => measured).toSorted((a, b) => (a.at < b.at ? 1 : -1))[0]
  const blocks = [
    '# Benchmarks',
    `What Latchkey does in a second, beside what others do and beside what nobody can be without. \`${COMMAND}\` measures all of it again on your machine, in about forty minutes, and writes this page; \`${COMMAND} token-endpoint --only latchkey,oidc-provider\` measures a part of it, and \`${COMMAND} --help\` says what there is. It needs Node, and a Postgres and a Redis, which it finds or starts as the tests do; nothing leaves the loopback interface.`,
    '## How it is measured',
    ...(latest === undefined ? ['Nothing was measured yet.'] : how(latest)),
    ...([...results.values()].some(({ measured }) => measured.rounds < ROUNDS)
      ? [
          `Some suites were measured in fewer than ${ROUNDS} rounds, as is said of each: their figures are a first look.`,
        ]
      : []),
    '## Goals',
    goalsTable(results),
    'The limit is what reaches as much as anybody can, in the same run: of the token endpoint a hand-written one on node:http that does all that issuing takes and is right for one request alone, of JWTs one that makes one signature and nothing else, of introspection one that looks nothing up; of a storage the fastest batches with the two hashes and the record that nobody is without; of workers those of a hand-written endpoint. Where it is on the wrong side of a goal, the goal is out of reach of node:http, or of one process, on that machine.',
    ...Object.entries(SUITES).flatMap(([suite, { title }]) => section(suite, title, results.get(suite))),
    '## Measurements behind decisions',
    'These run only when they are named; what they decided is told in `docs/adr/`.',
    Object.entries(DECISIONS)
      .map(([name, { title }]) => `- \`${name}\`: ${title}`)
      .join('\n'),
  ]
  return `${blocks.map(folded).join('\n\n')}\n`
}

/** @param {Circumstances} measured */
function how({ processor, cores, gigabytes, system, node, pinned, versions }) {
  const told = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return [
    `The last suite was measured on ${processor}, ${cores} cores, ${gigabytes} GB, ${system}, Node ${node}. ${
      pinned
        ? 'The server has one core and the load another.'
        : 'Server and load share the cores, since they could not be divided.'
    }`,
    'Each suite takes its candidates in turn, round after round, the first of each round another one. A ratio is that of two measurements of the same round; what is told is the median over the rounds, and in brackets the least and the greatest. Differences within the brackets say nothing. CPU is that of the server’s process. Where the load takes all of its core, the server could do more than is told.',
    'Latchkey runs as it is shipped, its event log written to a file, with room for more tokens in memory than the million that it holds else. The others run in production mode with their fastest honest storage in memory, and log as they are shipped; how each is set up is in `bench/servers/`. Before it is measured, each must issue a token that it finds good itself, and refuse a wrong secret. oidc-provider says at its start that it wants Node 22 or later. better-auth’s rate limits are off, since they would refuse all but twenty requests of a minute.',
    `Versions: ${told.join(', ')}.`,
  ]
}

/** @param {ReadonlyMap<string, Result>} results */
function goalsTable(results) {
  const rows = GOALS.map((goal) => {
    const { figure, isMet, limit } = judge(goal, results)
    const measured = figure === undefined ? '–' : told(figure, goal.digits)
    return [
      goal.says,
      measured,
      limit === undefined ? '' : limit.toFixed(goal.digits ?? 2),
      isMet === undefined ? 'not measured' : isMet ? 'met' : 'not met',
      `[${goal.suite}](#${anchor(goal.suite)})`,
    ]
  })
  return table({ title: '', columns: ['Goal', 'Measured', 'The limit', 'Verdict', 'Suite'], rows })
}

const anchor = (/** @type {string} */ suite) =>
  (SUITES[suite]?.title ?? '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-')

/**
 * @param {string} suite
 * @param {string} title
 * @param {Result | undefined} result
 */
function section(suite, title, result) {
  const command = `\`${COMMAND} ${suite}\``
  if (result === undefined) return [`## ${title}`, `Not measured yet: ${command}.`]
  const { at, commit, rounds, seconds } = result.measured
  return [
    `## ${title}`,
    `${command}, measured ${at} at commit ${commit}; ${rounds} round${rounds === 1 ? '' : 's'} of ${seconds} s.`,
    ...result.charts.map(({ title: name }, index) => `![${name}](benchmarks/${chartName(suite, index)})`),
    markdownOf(result),
  ]
}

/**
 * What a suite has found, as Markdown.
 *
 * @param {Found} found
 */
export function markdownOf({ notes, tables }) {
  const parts = [notes.map(folded).join('\n\n'), ...tables.map((one) => `### ${one.title}\n\n${table(one)}`)]
  return parts.filter((part) => part !== '').join('\n\n')
}

/** @param {Table} table */
function table({ columns, rows }) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(' | ')} |`
  return [line(columns), `|${columns.map(() => '---|').join('')}`, ...rows.map(line)].join('\n')
}

/** @param {Figure} figure */
const told = ({ median, low, high }, digits = 2) =>
  low === high
    ? median.toFixed(digits)
    : `${median.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`

/**
 * Lines that can be read without scrolling; those of tables are what they are.
 *
 * @param {string} text
 */
function folded(text) {
  return text.replace(/^(?!\||!\[|#).{121,}$/gm, (line) => line.replace(/(.{1,120})(?: |$)/g, '$1\n').trimEnd())
}
