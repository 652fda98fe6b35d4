/**
 * The limit of the platform: node:http that reads the body, parses nothing, does one piece of work, and answers; by so many
 * workers of node:cluster, where more than one is asked for.
 */
import cluster from 'node:cluster'
import { createServer } from 'node:http'
import { workOf } from './limit-work.mjs'

const { ANSWER, PORT, SCOPE, WORK, WORKERS = '1' } = process.env
const work = WORK === 'constant' ? () => ANSWER : textOf(workOf(process.env))

function textOf(make) {
  return (authorization) => JSON.stringify(make({ scope: SCOPE, authorization }))
}

if (cluster.isPrimary && Number(WORKERS) > 1) {
  for (let worker = 0; worker < Number(WORKERS); worker += 1) cluster.fork()
  // None of them holds anything that could be lost.
  process.on('SIGTERM', () => process.exit(0))
} else serve()

function serve() {
  const server = createServer((request, response) => {
    if (request.method === 'GET') return response.end('ready')
    const chunks = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      Buffer.concat(chunks)
      const answer = work(request.headers.authorization)
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) })
      response.end(answer)
    })
  })
  server.listen(Number(PORT), '127.0.0.1')
  process.on('SIGTERM', () => server.close(() => process.exit(0)).closeAllConnections())
}
