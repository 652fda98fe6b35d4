import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLog } from '../../src/log/log.ts'
import { listen } from '../hosts.ts'
import { basic, createTestServer, type TestServer } from '../test-server.ts'

let test: TestServer
let app: Awaited<ReturnType<typeof listen>>
/** How many requests the framework saw. */
let seen = 0

beforeAll(async () => {
  test = await createTestServer()
  app = await listen(test.server, {}, createLog('silent', { write: () => undefined }), 0, (framework) =>
    framework.addHook('onRequest', (_request, _reply, done) => {
      seen += 1
      done()
    }),
  )
})

afterAll(async () => {
  await app.close()
  await test.close()
})

/** Writes parts of a request one after the other, each when the one before it must have arrived, and reads the answer. */
function exchange(parts: readonly string[], endEarly = false): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(app.port, '127.0.0.1')
    let answer = ''
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()))
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
    const write = (index: number): void => {
      const part = parts[index]
      if (part !== undefined) socket.write(part, () => setTimeout(write, 20, index + 1))
      else if (endEarly) socket.destroy()
    }
    write(0)
  })
}

const header = (fields: Readonly<Record<string, string | number>>): string =>
  `POST /oauth2/token HTTP/1.1\r\n${Object.entries({
    host: 'localhost',
    connection: 'close',
    authorization: basic('reader', test.secrets.reader),
    'content-type': 'application/x-www-form-urlencoded',
    ...fields,
  })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`

describe('a usual form', () => {
  it('goes past the framework, in one piece or in many', async () => {
    const before = seen
    const pieces = ['grant_type', '=client', '_credentials']
    const length = pieces.join('').length
    for (const body of [[pieces.join('')], pieces])
      expect(await exchange([header({ 'content-length': length }), ...body])).toMatch(/^HTTP\/1\.1 200 .*lk_at_/s)
    expect(seen).toBe(before)
  })

  it.each<readonly [string, Readonly<Record<string, string | number>>, string]>([
    ['whose size is not told', { 'transfer-encoding': 'chunked' }, '1d\r\ngrant_type=client_credentials\r\n0\r\n\r\n'],
    [
      'with parameters of its type',
      { 'content-length': 29, 'content-type': 'application/x-www-form-urlencoded;charset=utf-8' },
      'grant_type=client_credentials',
    ],
  ])('%s is the affair of the framework, with the same answer', async (_what, fields, body) => {
    const before = seen
    expect(await exchange([header(fields), body])).toMatch(/^HTTP\/1\.1 200 .*lk_at_/s)
    expect(seen).toBe(before + 1)
  })

  it('that breaks off is answered by nobody, and harms nobody', async () => {
    expect(await exchange([header({ 'content-length': 29 }), 'grant_type='], true)).toBe('')
    expect(await exchange([header({ 'content-length': 29 }), 'grant_type=client_credentials'])).toMatch(/ 200 /)
  })

  it('without a body is a form without parameters', async () => {
    expect(await exchange([header({ 'content-length': 0 })])).toMatch(/^HTTP\/1\.1 400 .*grant_type is missing/s)
  })
})
