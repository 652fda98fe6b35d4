import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineClient } from '@latchkey/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type KeptStorage, keep, latchkey } from '../cli/latchkey.ts'

let storage: KeptStorage
let directory: string
beforeEach(async () => {
  storage = await keep()
  directory = await mkdtemp(join(tmpdir(), 'latchkey-profile-'))
  for (const namedCurve of ['P-256', 'P-384']) {
    const key = generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' })
    await writeFile(join(directory, `${namedCurve}.json`), JSON.stringify({ keys: [key] }))
  }
})
afterEach(async () => {
  await storage.end()
  await rm(directory, { recursive: true })
})

const stored = async (id: string) => storage.adapter.clients?.find(id)

async function client(words: string): Promise<readonly [number, string]> {
  const environment = { ...storage.environment, LATCHKEY_PROFILE: 'fapi2' }
  const { code, err } = await latchkey(['client', ...words.split(' ')], { environment, directory })
  return [code, err]
}

const refused = (why: string) => [
  1,
  expect.stringContaining(`LATCHKEY_PROFILE is fapi2, and nobody would get in: ${why}`),
]

describe('the commands about clients, under a profile', () => {
  it('add a client with keys, and none that could never get a token', async () => {
    expect(await client('add right --jwks P-256.json')).toMatchObject([0, ''])
    expect(await client('add secret --scope read')).toEqual(refused('it has no key or certificate'))
    expect(await client('add large --jwks P-384.json')).toEqual(refused('jwks: keys[0] is for none of'))
    expect(await client('add old --jwks P-256.json --auth-signing-alg RS256')).toEqual(
      refused('token_endpoint_auth_signing_alg is RS256'),
    )
    for (const id of ['secret', 'large', 'old']) expect(await stored(id)).toBeUndefined()
  })

  it('change a client for the better, and never so that it gets in no more', async () => {
    await storage.adapter.clients?.add(defineClient({ id: 'old', tokenEndpointAuthMethod: 'client_secret_basic' }))
    expect(await client('update old --name Old')).toMatchObject([0, ''])
    expect(await client('credential add old --jwks P-256.json')).toMatchObject([0, ''])
    expect(await client('update old --unset token_endpoint_auth_method')).toMatchObject([0, ''])
    expect(await client('update old --auth-method client_secret_post')).toEqual(
      refused('token_endpoint_auth_method is client_secret_post'),
    )
    expect((await stored('old'))?.tokenEndpointAuthMethod).toBeUndefined()
  })

  it('add no credential by which nobody gets in, beside whatever there is', async () => {
    expect(await client('add right --jwks P-256.json')).toMatchObject([0, ''])
    expect(await client('credential add right')).toEqual(refused('it has no key or certificate'))
    expect(await client('credential add right --jwks P-384.json')).toEqual(refused('jwks: keys[0] is for none of'))
    expect((await stored('right'))?.credentials).toHaveLength(1)
  })

  it('do nothing where the profile is none', async () => {
    const environment = { ...storage.environment, LATCHKEY_PROFILE: 'fapi3' }
    const { code, err } = await latchkey(['client', 'add', 'right'], { environment, directory })
    expect([code, err]).toEqual([1, expect.stringContaining('LATCHKEY_PROFILE must be one of fapi2')])
    expect(await stored('right')).toBeUndefined()
  })
})
