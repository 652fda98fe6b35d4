import { describe, expect, it } from 'vitest'
import { ticketKeysOf } from '../../src/server/ticket-keys.ts'
import type { TlsSettings } from '../../src/server/tls-context.ts'
import { CERT, KEY } from '../tls-key-pair.ts'

const ticketSecret = new Uint8Array(32)

describe('the keys of session tickets', () => {
  it('are the same wherever the secret and all that is served with are', () => {
    const { ticketKeys } = ticketKeysOf({ cert: CERT, key: KEY, ticketSecret })
    expect(ticketKeys).toHaveLength(48)
    expect(ticketKeysOf({ cert: CERT, key: KEY, ticketSecret: Buffer.alloc(32) })).toEqual({ ticketKeys })
  })

  it('are others with another secret, and with another certificate', () => {
    const own = ticketKeysOf({ cert: CERT, key: KEY, ticketSecret })
    expect(ticketKeysOf({ cert: CERT, key: KEY, ticketSecret: new Uint8Array(32).fill(1) })).not.toEqual(own)
    expect(ticketKeysOf({ cert: `${CERT}\n`, key: KEY, ticketSecret })).not.toEqual(own)
  })

  it('are left to the server where there is no secret', () => {
    const alone: TlsSettings = { cert: CERT, key: KEY }
    expect(ticketKeysOf(alone)).toEqual({})
  })
})
