import type { EpochSeconds } from '@latchkey/core'
import { InvalidArgumentError } from 'commander'

/** The last second of the year 9999: what is later was meant as milliseconds. */
const LATEST = 253_402_300_799
const DATE = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d))?$/
const DURATION = /^(?<count>\d{1,9})(?<unit>[smhdw])$/
const SECONDS_IN: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }

/**
 * Reads a time: seconds since 1970, a date, or a date with a time.
 *
 * @throws InvalidArgumentError when it is none.
 */
export function parseTime(text: string): EpochSeconds {
  const seconds = /^\d{1,15}$/.test(text) ? Number(text) : DATE.test(text) ? Date.parse(text) / 1000 : Number.NaN
  if (seconds >= 0 && seconds <= LATEST) return seconds
  throw new InvalidArgumentError('It is a date such as 2030-01-31T00:00:00Z, or seconds since 1970.')
}

/**
 * Reads a span of time, such as `90d`, in seconds.
 *
 * @throws InvalidArgumentError when it is none.
 */
export function parseDuration(text: string): number {
  const { count, unit = '' } = DURATION.exec(text)?.groups ?? {}
  if (count === undefined) throw new InvalidArgumentError('It is a number with s, m, h, d or w behind it, such as 7d.')
  return Number(count) * (SECONDS_IN[unit] ?? 0)
}

/** A time as people read it. */
export const shownTime = (time: EpochSeconds): string =>
  time <= LATEST ? new Date(time * 1000).toISOString().replace('.000', '') : String(time)
