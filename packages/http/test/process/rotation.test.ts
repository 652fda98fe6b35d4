import { freshSchema } from '@latchkey/test-backends'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FORM } from '../test-server.ts'
import { freePort, type Running, startCli } from './built-cli.ts'
import { buildAll, latchkeyInClone } from './clone.ts'

describe('rotating a secret from the command line while the service runs on Postgres', { timeout: 120_000 }, () => {
  const place = freshSchema()
  const settings: Record<string, string> = { LATCHKEY_STORAGE: place.url }
  let service: Running | undefined
  let origin = ''
  beforeAll(async () => {
    buildAll()
    const port = await freePort()
    origin = `http://127.0.0.1:${port}`
    settings['LATCHKEY_PORT'] = String(port)
  }, 120_000)
  afterAll(async () => {
    service?.child.kill('SIGTERM')
    await service?.ended
    await place.remove()
  })

  async function command(words: string): Promise<Record<string, unknown>> {
    const { code, out, err } = await latchkeyInClone([...words.split(' '), '--json'], settings)
    expect([code, err]).toEqual([0, ''])
    return JSON.parse(out) as Record<string, unknown>
  }

  async function post(path: string, secret: string, form: Readonly<Record<string, string>>) {
    const response = await fetch(`${origin}/oauth2/${path}`, {
      method: 'POST',
      headers: { 'content-type': FORM, authorization: `Basic ${btoa(`reports:${secret}`)}` },
      body: new URLSearchParams(form).toString(),
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }

  const token = (secret: string) => post('token', secret, { grant_type: 'client_credentials' })
  const isActive = async (secret: string, value: unknown) =>
    (await post('introspect', secret, { token: String(value) })).body['active']

  it('works with both secrets, then with the new one alone; and no token of the old one is left', async () => {
    const refused = await latchkeyInClone(['client', 'add', 'reports'], settings)
    expect(refused).toEqual({ code: 1, out: '', err: expect.stringMatching(/^latchkey: .*; run latchkey migrate\n$/) })
    await command('migrate')
    const old = await command('client add reports --scope sales:read')
    service = startCli(['serve'], settings)
    await service.until(/"event":"started"/)

    const [oldSecret, first] = [String(old['client_secret']), await token(String(old['client_secret']))]
    expect(first).toMatchObject({ status: 200, body: { scope: 'sales:read' } })

    const added = await command('client credential add reports --overlap 7d')
    const newSecret = String(added['client_secret'])
    await expect.poll(async () => (await token(newSecret)).status, { timeout: 20_000 }).toBe(200)
    const second = await token(oldSecret)
    expect(second.status).toBe(200)
    expect(await isActive(newSecret, first.body['access_token'])).toBe(true)

    const [{ id = '' } = {}] = old['credentials'] as readonly { readonly id?: string }[]
    const removed = await command(`client credential remove reports ${id} --revoke-tokens`)
    await expect.poll(async () => (await token(oldSecret)).status, { timeout: 20_000 }).toBe(401)
    for (const { body } of [first, second])
      await expect.poll(() => isActive(newSecret, body['access_token']), { timeout: 20_000 }).toBe(false)

    // Until no node can be wrong about the credential there are no tokens; then the new secret gets one that lasts.
    const again = await token(newSecret)
    expect([200, 503]).toContain(again.status)
    await expect.poll(async () => (await token(newSecret)).status, { timeout: 60_000, interval: 500 }).toBe(200)
    expect(Date.now() / 1000).toBeGreaterThanOrEqual(Number(removed['tokens_valid_from']))
    const third = await token(newSecret)
    expect(await isActive(newSecret, third.body['access_token'])).toBe(true)

    const { credentials: left } = await command('client credential list reports')
    expect(left).toMatchObject([{ id: added['credential_id'] }])
    expect(await command('sweep')).toMatchObject({ forgotten: expect.any(Number) })
    for (const secret of [oldSecret, newSecret]) expect(service.output.out + service.output.err).not.toContain(secret)
  })
})
