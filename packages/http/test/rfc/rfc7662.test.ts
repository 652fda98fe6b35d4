import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allHosts, type Host } from '../hosts.ts'
import { basic, createTestServer, type TestServer } from '../test-server.ts'

let test: TestServer
let hosts: readonly Host[]

beforeAll(async () => {
  test = await createTestServer()
  hosts = await allHosts(test.server)
})

afterAll(async () => {
  for (const host of hosts) await host.close()
  await test.close()
})

describe('RFC 7662', () => {
  it('RFC 7662 §4 · I8 · answers no question that is put in a URL, where logs would keep the token', async () => {
    const headers = { authorization: basic('reader', test.secrets.reader) }
    for (const host of hosts)
      for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
        const answer = await host.send({ method, path: '/oauth2/introspect?token=x', headers })
        expect([method, answer.status, answer.headers['allow']]).toEqual([method, 405, 'POST'])
        expect(answer.body).not.toContain('active')
      }
  })
})
