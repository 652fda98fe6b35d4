import { deserialize, serialize } from 'node:v8'
import { createMemoryAdapter } from '@latchkey/adapter-memory'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config/read-config.ts'
import { configOfWorkers } from '../../src/workers/worker-orders.ts'
import { CERT, KEY } from '../tls-key-pair.ts'

const SECRET = 'A'.repeat(43)
const withReplays = createMemoryAdapter()

const configOf = (settings: Readonly<Record<string, string>>) => readConfig(settings, () => '')

describe('the settings of workers', () => {
  it('go over the channel between processes as they are, whatever is set', () => {
    const config = configOfWorkers(
      configOf({
        LATCHKEY_TLS_CERT: CERT,
        LATCHKEY_TLS_KEY: KEY,
        LATCHKEY_TRUSTED_PROXIES: '10.0.0.0/8',
        LATCHKEY_ACCESS_TOKEN_FORMAT: 'jwt',
        LATCHKEY_MASTER_KEY: SECRET,
        LATCHKEY_JWT_ENCRYPTION: 'A256KW+A128GCM',
        LATCHKEY_JWT_ENCRYPTION_KEY: SECRET,
        LATCHKEY_DPOP_NONCE_REQUIRED: 'true',
        LATCHKEY_REMOTE_CA: CERT,
        LATCHKEY_CORS_ORIGINS: 'https://a.example',
      }),
      withReplays,
    )
    expect(deserialize(serialize(config))).toEqual(config)
  })

  it('hold what each would draw for itself, drawn once', () => {
    const read = configOf({ LATCHKEY_TLS_CERT: CERT, LATCHKEY_TLS_KEY: KEY })
    const [one, other] = [configOfWorkers(read, withReplays), configOfWorkers(read, withReplays)]
    expect(one.dpop).toEqual({ nonceSecret: expect.stringMatching(/^[\w-]{43}$/) })
    expect(one.tls).toEqual({ cert: CERT, key: KEY, ticketSecret: expect.any(Uint8Array) })
    expect(one.dpop).not.toEqual(other.dpop)
    expect(one.tls).not.toEqual(other.tls)
    expect(configOfWorkers(configOf({}), withReplays).tls).toBe(undefined)
  })

  it('keep the secret of nonces that is set, and have none where there are no proofs', () => {
    const read = configOf({ LATCHKEY_DPOP_NONCE_SECRET: SECRET, LATCHKEY_DPOP_NONCE_REQUIRED: 'true' })
    expect(configOfWorkers(read, withReplays).dpop).toEqual({ nonceSecret: SECRET, requireNonce: true })
    expect(configOfWorkers(configOf({}), { replays: undefined }).dpop).toBe(undefined)
  })

  it('name no clients file: what it says is in the storage', () => {
    expect(configOfWorkers(configOf({ LATCHKEY_CLIENTS_FILE: 'clients.json' }), withReplays).clientsFile).toBe(
      undefined,
    )
  })
})
