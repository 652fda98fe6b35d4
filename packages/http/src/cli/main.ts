#!/usr/bin/env node
import { run } from './run.ts'

// The one place where the environment of the process is read.
const { argv, env: environment, stdin, stdout, stderr } = process

process.exitCode = await run(argv.slice(2), { environment, directory: process.cwd(), stdin, stdout, stderr })
