import { freshPrefix, freshSchema } from '@latchkey/test-backends'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { latchkey } from '../cli/latchkey.ts'
import { sendTo } from '../hosts.ts'
import { type StartedService, startedService } from '../started-service.ts'
import { basic, FORM } from '../test-server.ts'

const SALES = 'https://sales.example.com'
/** A resource is believed for a second; the rest is for the machine to be slow. */
const SOON_MS = 3_000

const PLACES = { postgres: freshSchema, redis: freshPrefix }

describe.each(['postgres', 'redis'] as const)('a service that runs on %s', (name) => {
  let place: ReturnType<typeof freshSchema>
  let started: StartedService
  let environment: Readonly<Record<string, string>>
  let secret: string
  beforeAll(async () => {
    place = PLACES[name]()
    environment = { LATCHKEY_STORAGE: place.url }
    started = await startedService({ ...environment, LATCHKEY_AUTO_MIGRATE: 'true' })
    const { out } = await run('client add buyer --scope read --scope write --json')
    secret = (JSON.parse(out) as { client_secret: string }).client_secret
  })
  afterAll(async () => {
    await started.service.close()
    await place.remove()
  })

  async function run(words: string) {
    const ran = await latchkey(words.split(' '), { environment })
    expect(ran).toMatchObject({ code: 0 })
    return ran
  }

  const ask = async (): Promise<Record<string, unknown>> => {
    const headers = { 'content-type': FORM, authorization: basic('buyer', secret) }
    const body = `grant_type=client_credentials&resource=${SALES}`
    return JSON.parse((await sendTo(started.port, { path: '/oauth2/token', body, headers })).body) as never
  }

  it('sees within moments what the command line changes of a resource', async () => {
    const becomes = (expected: object) => expect.poll(ask, { timeout: SOON_MS, interval: 50 }).toMatchObject(expected)
    await run(`resource add ${SALES} --scope read`)
    await run(`client update buyer --resource ${SALES}`)
    await becomes({ scope: 'read' })
    await run(`resource update ${SALES} --add-scope write --token-ttl 60`)
    await becomes({ scope: 'read write', expires_in: 60 })
    await run(`resource remove ${SALES} --yes`)
    await becomes({ error: 'invalid_target' })
  })
})
