import { readFileSync } from 'node:fs'
import type { ReadFile } from '../config/environment.ts'

/** Reads a file of the machine. */
export const readFile: ReadFile = (path) => readFileSync(path, 'utf8')
