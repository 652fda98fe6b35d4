/**
 * Everything that must hold before a change goes in, in one run. Needs nothing but Node, the pnpm that called it, and a
 * Postgres and a Redis, which it finds or starts: this file imports no package, because its first step is to install them.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * @typedef {{ readonly name: string, readonly commands: readonly (readonly string[])[], readonly project?: string }} Step
 * @typedef {{ readonly exitCode: number, readonly output: string }} Ending
 * @typedef {{ readonly passed: number, readonly failed: number, readonly counted?: readonly string[] }} Tests
 * @typedef {{ readonly name: string, readonly fault?: string, readonly remark?: string, readonly output?: string, readonly seconds: number, readonly tests?: Tests }} Result
 */

const root = fileURLToPath(new URL('..', import.meta.url))
const reports = mkdtempSync(join(tmpdir(), 'latchkey-verify-'))

/** A step that takes longer hangs, even on a busy machine: the whole is meant to take less than ten minutes. */
const STEP_LIMIT_SECONDS = 600

const install = step('install', ['pnpm', 'install', '--frozen-lockfile'])
/** Not a command: what it starts must live as long as this process. */
const backends = step('backends')
const build = step('build', ['tsc', '-b', 'tsconfig.build.json'], ['node', 'scripts/bundle.mjs'])
const packed = vitest('packed artefacts', 'packed')
/** They look at files and measure nothing, so two of them may share the machine. */
const still = [
  step('format', ['biome', 'format', '.']),
  step('lint', ['biome', 'lint', '--error-on-warnings', '.'], ['oxlint', '--type-aware', '--deny-warnings']),
  step('knip', ['knip'], ['knip', '--production', '--exclude', 'exports,types']),
  step('types', ['tsc', '-p', 'tsconfig.json']),
]
/** They race and measure, so each has the machine to itself. */
const alone = [
  vitest('architecture', 'architecture'),
  vitest('unit', 'unit'),
  vitest('contract', 'contract'),
  // Once on memory, and once on each of the other storages.
  vitest('protocol', 'protocol*'),
  vitest('faults', 'faults'),
  step('generated', ['node', 'scripts/generate.mjs', '--check']),
  vitest('docs', 'docs'),
]

/** @type {Result[]} */
const results = []
const startedAt = Date.now()
try {
  await verify()
} finally {
  rmSync(reports, { recursive: true, force: true })
}
conclude()

async function verify() {
  // Without its dependencies nothing else could say anything true.
  if (!(await run(install))) return
  const stop = await findBackends()
  if (stop === undefined) return
  try {
    await runSteps()
  } finally {
    await stop()
  }
}

/** Names Postgres and Redis to the tests, and says where they come from; answers how to end what was started for it. */
async function findBackends() {
  const begun = Date.now()
  try {
    const found = await (await import('../test/backends/src/index.mjs')).findBackends()
    process.env['TEST_POSTGRES_URL'] = found.postgres.url
    process.env['TEST_REDIS_URL'] = found.redis.url
    const ways = `postgres: ${found.postgres.way}; redis: ${found.redis.way}`
    tell({ name: backends.name, seconds: (Date.now() - begun) / 1000, remark: ways })
    return found.stop
  } catch (error) {
    const output = error instanceof Error ? error.message : String(error)
    tell({ name: backends.name, seconds: (Date.now() - begun) / 1000, fault: 'not found', output })
    return undefined
  }
}

async function runSteps() {
  const isBuilt = await run(build)
  const waiting = isBuilt ? [packed, ...still] : [...still]
  if (!isBuilt) results.push({ name: packed.name, fault: 'not run: there is no build', seconds: 0 })
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await run(next)
  }
  await Promise.all([worker(), worker()])
  for (const next of alone) await run(next)
}

/**
 * Runs a step, prints how it went and answers whether it went well.
 *
 * @param {Step} step
 */
async function run({ name, commands, project }) {
  const begun = Date.now()
  let output = ''
  let exitCode = 0
  for (const command of commands) {
    const ending = await execute(command)
    output += ending.output
    exitCode ||= ending.exitCode
  }
  const tests = project === undefined ? undefined : countTests(project)
  const fault = faultOf(exitCode, tests)
  const result = {
    name,
    seconds: (Date.now() - begun) / 1000,
    ...(fault && { fault, output }),
    ...(tests && { tests }),
  }
  tell(result)
  return !fault
}

/** @param {Result} result */
function tell(result) {
  results.push(result)
  console.log(lineOf(result))
  if (result.fault) console.log(`${result.output?.trimEnd()}\n--- end of the output of ${result.name}\n`)
}

/**
 * @param {readonly string[]} command
 * @returns {Promise<Ending>}
 */
function execute([file = '', ...args]) {
  return new Promise((resolve) => {
    const child = spawn(file === 'node' ? process.execPath : file, args, {
      cwd: root,
      env: { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1' },
      // The names in node_modules/.bin are .cmd files there.
      shell: process.platform === 'win32' && file !== 'node',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const tooLong = setTimeout(() => {
      output += `\nstopped after ${STEP_LIMIT_SECONDS} seconds\n`
      child.kill('SIGKILL')
    }, STEP_LIMIT_SECONDS * 1000)
    /** @param {Ending} ending */
    const end = (ending) => {
      clearTimeout(tooLong)
      resolve(ending)
    }
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('error', (error) => end({ exitCode: 1, output: `${output}\n${error.message}\n` }))
    child.on('close', (code) => end({ exitCode: code ?? 1, output }))
  })
}

/**
 * What Vitest's own report says; a file that fails outside its tests, as by not loading, counts as one failed test.
 *
 * @param {string} project
 * @returns {Tests & { skipped: number }}
 */
function countTests(project) {
  try {
    const report = JSON.parse(readFileSync(join(reports, `${project}.json`), 'utf8'))
    /** @type {{ status: string, assertionResults: { status: string, meta?: { counted?: string } }[] }[]} */
    const files = report.testResults
    const broken = files.filter(
      (file) => file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
    )
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + broken.length,
      skipped: report.numPendingTests + report.numTodoTests,
      // What a test has counted, such as what was acknowledged before a kill, and what was lost by it.
      counted: files.flatMap((file) => file.assertionResults.flatMap(({ meta }) => meta?.counted ?? [])),
    }
  } catch {
    return { passed: 0, failed: 0, skipped: 0 }
  }
}

/**
 * @param {number} exitCode
 * @param {ReturnType<typeof countTests> | undefined} tests
 */
function faultOf(exitCode, tests) {
  if (tests !== undefined && tests.passed + tests.failed === 0) return 'no test ran'
  if (tests !== undefined && tests.failed > 0) return `${tests.failed} failed`
  // A test that is skipped is a promise that nobody checks.
  if (tests !== undefined && tests.skipped > 0) return `${tests.skipped} skipped`
  return exitCode === 0 ? undefined : `exit code ${exitCode}`
}

function conclude() {
  const order = [install, backends, build, ...still, ...alone, packed].map(({ name }) => name)
  const missing = order.filter((name) => !results.some((result) => result.name === name))
  for (const name of missing) results.push({ name, fault: 'not run', seconds: 0 })
  results.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
  console.log(`\n${results.map(lineOf).join('\n')}`)
  for (const { tests } of results) for (const counted of tests?.counted ?? []) console.log(counted)
  console.log(`\n${((Date.now() - startedAt) / 1000).toFixed(1)} seconds in all`)
  const passed = results.reduce((sum, { tests }) => sum + (tests?.passed ?? 0), 0)
  const failed = results.reduce((sum, { tests }) => sum + (tests?.failed ?? 0), 0)
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = results.some(({ fault }) => fault !== undefined) ? 1 : 0
}

/** @param {Result} result */
function lineOf({ name, fault, remark, seconds, tests }) {
  const detail = fault ?? remark ?? (tests === undefined ? '' : `${tests.passed} tests`)
  const columns = [
    name.padEnd(17),
    fault === undefined ? 'ok    ' : 'FAILED',
    `${seconds.toFixed(1).padStart(6)} s`,
    ` ${detail}`,
  ]
  return columns.join(' ').trimEnd()
}

/**
 * @param {string} name
 * @param {readonly (readonly string[])[]} commands
 * @returns {Step}
 */
function step(name, ...commands) {
  return { name, commands }
}

/**
 * @param {string} name also of the report
 * @param {string} projects
 * @returns {Step}
 */
function vitest(name, projects) {
  const report = `--outputFile.json=${join(reports, `${name}.json`)}`
  const command = ['vitest', 'run', '--project', projects, '--reporter=default', '--reporter=json', report]
  return { name, commands: [command], project: name }
}
