import { freshPrefix, freshSchema } from '@latchkey/test-backends'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { latchkey } from '../cli/latchkey.ts'

const PLACES = { postgres: freshSchema, redis: freshPrefix }

describe.each(['postgres', 'redis'] as const)('the command line on %s', (name) => {
  let place: ReturnType<typeof freshSchema>
  let environment: Readonly<Record<string, string>>
  beforeAll(() => {
    place = PLACES[name]()
    environment = { LATCHKEY_STORAGE: place.url, LATCHKEY_ISSUER: 'https://auth.example.com' }
  })
  afterAll(() => place.remove())

  async function run(words: string): Promise<Record<string, unknown>> {
    const { code, out, err } = await latchkey([...words.split(' '), '--json'], { environment })
    expect([code, err]).toEqual([0, ''])
    return JSON.parse(out) as Record<string, unknown>
  }

  it('migrates, and has nothing to migrate then', async () => {
    if (name === 'postgres') {
      const refused = await latchkey(['client', 'list'], { environment })
      expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/; run latchkey migrate\n$/) })
      const doctor = await latchkey(['doctor'], { environment })
      expect(doctor).toMatchObject({ code: 1, out: expect.stringMatching(/^WRONG .*pending/m) })
    }
    const applied = JSON.stringify((await run('migrate'))['storages'])
    expect(/"applied":\[\]/.test(applied)).toBe(name === 'redis')
    expect(JSON.stringify((await run('migrate'))['storages'])).toContain('"applied":[]')
    expect(await run('doctor')).toMatchObject({ ok: true })
  })

  it('looks after a client from the beginning to the end', async () => {
    const { client_secret: secret } = await run('client add reports --name Nightly --scope a --disabled-scope b')
    expect(await latchkey(['client', 'add', 'reports'], { environment })).toMatchObject({ code: 1, out: '' })
    await run('client update reports --add-scope b --token-ttl 60 --claims {"tier":1}')
    await run('client disable reports')
    const added = await run('client credential add reports --overlap 1h --label second')
    expect(await run('client show reports')).toMatchObject({
      client_name: 'Nightly',
      enabled: false,
      scope: 'a b',
      access_token_ttl: 60,
      claims: { tier: 1 },
      credentials: [
        { live: true, expires_at: expect.any(Number) },
        { id: added['credential_id'], label: 'second' },
      ],
      version: 4,
    })
    await run('client revoke-tokens reports')
    await run(`client credential remove reports ${String(secret).slice(5, 17)} --revoke-tokens`)
    await run('client enable reports')
    const { clients } = await run('client list')
    expect(clients).toMatchObject([{ client_id: 'reports', enabled: true, credentials: [{ label: 'second' }] }])
    await run('client remove reports --yes')
    expect(await run('client list')).toEqual({ clients: [] })
  })

  it('changes a client at once from several places, and loses nothing', async () => {
    await run('client add shared')
    await Promise.all(Array.from({ length: 8 }, (_, index) => run(`client update shared --add-scope s${index}`)))
    const { scope } = await run('client show shared')
    expect(String(scope).split(' ')).toHaveLength(8)
  })

  it('looks after a resource from the beginning to the end, and loses nothing of what several change at once', async () => {
    const identifier = 'https://sales.example.com/v1?a=%20'
    await run(`resource add ${identifier} --name Sales --scope a --token-format jwt --token-ttl 60`)
    await run('resource add urn:example:stock --claims {"zone":"eu"}')
    expect(await latchkey(['resource', 'add', identifier], { environment })).toMatchObject({ code: 1, out: '' })
    await Promise.all(
      Array.from({ length: 8 }, (_, index) => run(`resource update ${identifier} --add-scope s${index}`)),
    )
    const shown = await run(`resource show ${identifier}`)
    expect(shown).toMatchObject({
      resource_name: 'Sales',
      access_token_format: 'jwt',
      access_token_ttl: 60,
      version: 9,
    })
    expect((shown['scopes'] as string[]).toSorted()).toEqual(['a', 's0', 's1', 's2', 's3', 's4', 's5', 's6', 's7'])
    await run(`resource update ${identifier} --unset resource_name --unset access_token_ttl`)
    expect(await run('resource list')).toEqual({
      resources: [
        { resource: identifier, scopes: shown['scopes'], access_token_format: 'jwt', version: 10 },
        { resource: 'urn:example:stock', scopes: [], claims: { zone: 'eu' }, version: 1 },
      ],
    })
    await run(`resource remove ${identifier} --yes`)
    await run('resource remove urn:example:stock --yes')
    expect(await run('resource list')).toEqual({ resources: [] })
  })

  it('sweeps', async () => {
    expect(await run('sweep')).toMatchObject({ forgotten: expect.any(Number) })
  })
})
