/** The limit of the platform: node:http that reads the body, parses nothing, does one piece of work, and answers. */
import { createServer } from 'node:http'
import { workOf } from './limit-work.mjs'

const { ANSWER, PORT, SCOPE, WORK } = process.env
const work = WORK === 'constant' ? () => ANSWER : textOf(workOf(process.env))

function textOf(make) {
  return (authorization) => JSON.stringify(make({ scope: SCOPE, authorization }))
}

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
