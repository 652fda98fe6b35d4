#!/usr/bin/env node
import { run } from './run.ts'

// The environment of the process is read here; a worker reads there alone where the files of TLS are.
const { argv, env: environment, stdin, stdout, stderr } = process

let unheard = false
// Whoever reads may stop before the end, as `head` does. Nobody is left to tell, and what was not heard was not done: it
// may be a secret.
for (const output of [stdout, stderr])
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    unheard = true
    process.exitCode = 1
  })

const exitCode = await run(argv.slice(2), { environment, directory: process.cwd(), stdin, stdout, stderr })
process.exitCode = unheard ? 1 : exitCode
