import { median } from './rounds.mjs'

/** What is kept of the rounds: the median, and between what they lay. */
export const figure = (values) => ({ median: median(values), low: Math.min(...values), high: Math.max(...values) })

/** The figure of one member of what {@link interleave} found of one target. */
export const figureOf = (results, name, member) => figure(results.get(name).map((result) => result[member]))

/** The ratios of one target to another, round by round, and what is kept of them. */
export const ratioOf = (results, name, reference, member = 'perSecond') =>
  figure(results.get(name).map((result, round) => result[member] / results.get(reference)[round][member]))

/** A median with its spread: `0.98 (0.95 to 1.01)`. */
export const told = ({ median: middle, low, high }, digits = 2) =>
  `${middle.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`

/** A table of what {@link interleave} found. */
export function tableOf(title, results, reference) {
  const cell = (name, member, digits = 0) => figureOf(results, name, member).median.toFixed(digits)
  return {
    title,
    columns: [
      '',
      `requests, ratio to ${reference}`,
      'CPU per request, ratio',
      'requests/s',
      'p50 ms',
      'p99 ms',
      'CPU µs',
      'load, of its core',
    ],
    rows: [...results.keys()].map((name) => [
      name,
      told(ratioOf(results, name, reference)),
      told(ratioOf(results, name, reference, 'cpuMicroseconds')),
      cell(name, 'perSecond'),
      cell(name, 'p50', 2),
      cell(name, 'p99', 2),
      cell(name, 'cpuMicroseconds'),
      cell(name, 'busy', 2),
    ]),
  }
}

/** The bars of a chart of one member of what {@link interleave} found. */
export const barsOf = (results, names, member = 'perSecond') =>
  names
    .filter((name) => results.has(name))
    .map((name) => ({ label: name, value: figureOf(results, name, member).median, ours: name.startsWith('latchkey') }))
