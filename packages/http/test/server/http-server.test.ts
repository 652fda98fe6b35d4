import { expect, it } from 'vitest'
import { createHttpServer } from '../../src/server/http-server.ts'

it('gives a client so long and no longer', () => {
  const server = createHttpServer(() => undefined, undefined)
  // Milliseconds for the header, for the whole request, for silence within it, and between two requests.
  expect([server.headersTimeout, server.requestTimeout, server.timeout, server.keepAliveTimeout]).toEqual([
    10_000, 20_000, 30_000, 65_000,
  ])
  // Nothing is dropped by number: the size of a header bounds it.
  expect(server.maxHeadersCount).toBe(0)
})
