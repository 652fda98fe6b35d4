import type { OAuthError } from '@latchkey/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Refusal } from '../src/exchange/refusal.ts'
import { createFetchHandler } from '../src/fetch.ts'
import { handle as mounted } from './mounted-handler.ts'
import { basic, createTestServer, FORM, ISSUER, type TestServer } from './test-server.ts'

let test: TestServer

beforeAll(async () => {
  test = await createTestServer()
})

afterAll(() => test.close())

const post = (body: string | ReadableStream, headers: Record<string, string> = {}): Request =>
  new Request(`${ISSUER}/oauth2/token`, {
    method: 'POST',
    body,
    headers: { 'content-type': FORM, ...headers },
    // Node asks for it where a body is a stream.
    duplex: 'half',
  } as RequestInit)

/** A body without an end, and how much of it was asked for. */
function endless(): {
  readonly body: ReadableStream<Uint8Array>
  readonly state: { read: number; cancelled: boolean }
} {
  const state = { read: 0, cancelled: false }
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      state.read += 16_384
      controller.enqueue(new Uint8Array(16_384))
    },
    cancel() {
      state.cancelled = true
    },
  })
  return { body, state }
}

describe('the fetch handler', () => {
  it('is mounted as the README shows it', async () => {
    const response = await mounted(new Request('https://auth.example.com/.well-known/oauth-authorization-server'))
    expect(await response.json()).toMatchObject({ issuer: 'https://auth.example.com' })
  })

  it('reads no more of a stream than the limit, and lets go of it', async () => {
    const { body, state } = endless()
    const response = await createFetchHandler(test.server)(post(body))
    expect(response.status).toBe(413)
    expect(state.cancelled).toBe(true)
    expect(state.read).toBeLessThan(200_000)
  })

  it('reads nothing of a body that is announced as too large', async () => {
    const { body, state } = endless()
    const response = await createFetchHandler(test.server)(post(body, { 'content-length': '65537' }))
    expect(response.status).toBe(413)
    expect(state.cancelled).toBe(true)
  })

  it('answers even when the body fails or was read already', async () => {
    const failing = new ReadableStream({
      start: (controller) => controller.error(new Error('needle')),
    })
    const used = post('grant_type=client_credentials')
    await used.text()
    for (const request of [post(failing), used]) {
      const response = await createFetchHandler(test.server)(request)
      expect(response.status).toBe(500)
      expect(await response.text()).not.toContain('needle')
    }
  })

  it.each(['Authorization', 'Content-Type', 'DPoP', 'Host'])(
    'refuses a joined %s before authentication',
    async (name) => {
      const value = name === 'Content-Type' ? FORM : 'x'
      const request = post('grant_type=client_credentials', { [name]: `${value}, ${value}` })
      const response = await createFetchHandler(test.server)(request)
      expect([response.status, await response.json()]).toMatchObject([
        400,
        { error: name === 'DPoP' ? 'invalid_dpop_proof' : 'invalid_request' },
      ])
    },
  )

  it('tells of requests that no endpoint saw, with known paths alone', async () => {
    const told: Refusal[] = []
    const handle = createFetchHandler(test.server, { onRefusal: (refusal) => told.push(refusal) })
    await handle(new Request(`${ISSUER}/lk_s_needle?token=needle`))
    await handle(new Request(`${ISSUER}/oauth2/token?token=needle`))
    await handle(post('x=%zz'))
    await handle(post('', { authorization: basic('reader', 'needle') }))
    expect(told.map(({ path, thrown }) => [path, (thrown as OAuthError).status])).toEqual([
      [undefined, 404],
      ['/oauth2/token', 405],
      ['/oauth2/token', 400],
    ])
    expect(JSON.stringify(told)).not.toContain('needle')
    expect(new Set(told.map(({ requestId }) => requestId)).size).toBe(3)
    // Events come a turn after the answer.
    await new Promise((resolve) => setImmediate(resolve))
    expect(test.events.at(-1)).toMatchObject({ type: 'client_authentication_failed' })
  })
})

it('answers the same when whoever hears of refusals throws', async () => {
  const handle = createFetchHandler(test.server, {
    onRefusal() {
      throw new Error('the listener failed')
    },
  })
  expect((await handle(new Request(`${ISSUER}/nothing`))).status).toBe(404)
  expect((await handle(post('{}', { 'content-type': 'application/json' }))).status).toBe(400)
})
