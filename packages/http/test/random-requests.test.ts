import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allHosts, type Host, type Sent } from './hosts.ts'
import { basic, createTestServer, FORM, type TestServer } from './test-server.ts'

let test: TestServer
let hosts: readonly Host[]

beforeAll(async () => {
  // A secret that nobody generated is refused without a slow hash, so that many can be tried.
  test = await createTestServer({ generatedSecretsOnly: true })
  hosts = await allHosts(test.server)
})

afterAll(async () => {
  for (const host of hosts) await host.close()
  await test.close()
})

const oftenOneOf = (...words: string[]) => fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...words) }, fc.string())

/** What a header field can hold, and no comma: that is where the hosts differ by their nature. */
const fieldValue = (...words: string[]) =>
  oftenOneOf(...words).map((text) => text.replaceAll(/[^\x21-\x2b\x2d-\x7e ]/g, '').trim())

const parameter = fc
  .tuple(
    oftenOneOf('grant_type', 'scope', 'client_id', 'client_secret', 'token', 'token_type_hint', '%', '&'),
    oftenOneOf('client_credentials', 'read', 'reader', '%zz', '+'),
  )
  .map(([name, value]) => `${name}=${value}`)

const sentRequest = fc.record({
  method: fc.oneof({ weight: 5, arbitrary: fc.constant('POST') }, fc.constantFrom('GET', 'HEAD', 'PUT', 'DELETE')),
  path: fc.constantFrom('/oauth2/token', '/oauth2/introspect', '/oauth2/revoke', '/oauth2/token?a=b', '/x', '/%zz'),
  contentType: fieldValue(FORM, `${FORM}; charset=utf-8`, 'application/json'),
  authorization: fc.option(fieldValue('Basic', 'Basic eDp5', 'Bearer x', 'reader')),
  accept: fc.option(fieldValue('*/*', 'application/json', 'text/html', 'application/json;q=0')),
  body: fc.oneof(
    fc.array(parameter).map((parameters) => Buffer.from(parameters.join('&'))),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  ),
})

describe('any request', () => {
  it('is answered alike by all hosts, never by a fault, and in JSON if at all', async () => {
    await fc.assert(
      fc.asyncProperty(sentRequest, async ({ contentType, authorization, accept, ...rest }) => {
        const own = basic('reader', test.secrets.reader)
        const sent: Sent = {
          ...rest,
          headers: {
            // An empty field and none are the same to a `Request` and not to Node; neither is a form.
            'content-type': contentType === '' ? 'none' : contentType,
            accept: accept ?? '*/*',
            ...(authorization !== null && { authorization: authorization === 'reader' ? own : authorization }),
          },
        }
        const [first, ...others] = await Promise.all(hosts.map((host) => host.send(sent)))
        for (const other of others)
          expect({ ...other, body: masked(other.body) }).toEqual({ ...first, body: masked(first?.body) })
        expect(first?.status).toBeLessThan(500)
        if (first?.body !== '') expect(() => JSON.parse(first?.body ?? '') as unknown).not.toThrow()
      }),
      { numRuns: 300 },
    )
  })
})

const masked = (body = ''): string => body.replaceAll(/lk_at_[0-9A-Za-z]{49}/g, 'a token')
