import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { SUITES } from '../suites.mjs'

/**
 * @typedef {{ readonly median: number, readonly low: number, readonly high: number }} Figure
 * @typedef {{ readonly title: string, readonly columns: readonly string[], readonly rows: readonly (readonly string[])[] }} Table
 * @typedef {{ readonly label: string, readonly value: number, readonly ours: boolean }} Bar
 * @typedef {{ readonly title: string, readonly unit: string, readonly bars: readonly Bar[] }} Chart
 *
 * @typedef {object} Circumstances
 * @property {string} at
 * @property {string} commit
 * @property {number} rounds
 * @property {number} seconds
 * @property {number} tokens
 * @property {string} processor
 * @property {number} cores
 * @property {number} gigabytes
 * @property {string} system
 * @property {string} node
 * @property {boolean} pinned
 * @property {Readonly<Record<string, string>>} versions
 *
 * @typedef {object} Found what a suite has found: sentences, tables, figures that goals are judged by, and charts
 * @property {readonly string[]} notes
 * @property {readonly Table[]} tables
 * @property {Readonly<Record<string, Figure>>} figures
 * @property {readonly Chart[]} charts
 *
 * @typedef {Found & { readonly measured: Circumstances }} Result
 */

/** Where what was measured is kept, the page and its charts. */
export const FOLDER = new URL('../../docs/benchmarks/', import.meta.url)

const fileOf = (/** @type {string} */ suite) => new URL(`results/${suite}.json`, FOLDER)

/**
 * Keeps what a suite has found in the place of what it had found before.
 *
 * @param {string} suite
 * @param {Result} result
 */
export function keepResult(suite, result) {
  mkdirSync(new URL('results/', FOLDER), { recursive: true })
  writeFileSync(fileOf(suite), `${JSON.stringify(result, undefined, 2)}\n`)
}

/**
 * What was kept, by the suite, in the order of the page.
 *
 * @returns {ReadonlyMap<string, Result>}
 */
export function readResults() {
  /** @type {Map<string, Result>} */
  const results = new Map()
  for (const suite of Object.keys(SUITES)) {
    try {
      results.set(suite, JSON.parse(readFileSync(fileOf(suite), 'utf8')))
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    }
  }
  return results
}
