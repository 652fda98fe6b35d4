import { createRequire } from 'node:module'
import type { DestinationStream, Logger } from 'pino'

// By require, as all that is CommonJS and loaded by every start: `import` reads and parses such files twice.
const { pino } = createRequire(import.meta.url)('pino') as typeof import('pino')

/** Where the service writes what happens. */
export type Log = Logger

/** What is logged at least; `silent` logs nothing. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'

/** Every level, from the most talkative on. */
export const LOG_LEVELS: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

/**
 * Makes the log: one JSON object on a line.
 *
 * Nothing is redacted here, because nothing that needs it gets here: no request, no header, no URL and no error object is
 * ever handed to the log, only members that were chosen one by one.
 */
export const createLog = (level: LogLevel, destination: DestinationStream): Log =>
  pino({ level, base: null, formatters: { level: (label) => ({ level: label }) }, serializers: {} }, destination)
