import { openAdapter } from '@latchkey/adapter-memory'
import { describe, expect, it } from 'vitest'
import { tokenRecord } from './token-records.ts'

const open = async (address: string) => openAdapter(new URL(address))

describe('opening memory by its address', () => {
  it('takes memory: alone, and says that it forgets', async () => {
    const adapter = await open('memory:')
    expect(adapter.forgetful).toBe(true)
    await adapter.close()
  })

  it('bounds tokens by the parameter of that name, and claims by the same', async () => {
    const adapter = await open('memory:?tokens=1')
    const expiresAt = 4_102_444_800
    await adapter.tokens?.save(tokenRecord('a', expiresAt))
    await adapter.replays?.claim('a', expiresAt)
    await expect(adapter.tokens?.save(tokenRecord('b', expiresAt))).rejects.toThrow('full')
    await expect(adapter.replays?.claim('b', expiresAt)).rejects.toThrow('full')
    await adapter.close()
  })

  it.each(['', '0', '-1', '1.5', '1e6', '0x10', ' 1', '1000000000000000000', 'many'])(
    'refuses %j for tokens, by the name of the parameter',
    async (value) => {
      await expect(open(`memory:?tokens=${encodeURIComponent(value)}`)).rejects.toThrow('"tokens"')
    },
  )

  it('refuses a parameter that is given twice, by its name', async () => {
    await expect(open('memory:?tokens=1&tokens=2')).rejects.toThrow('"tokens" once')
  })

  it.each(['token', 'Tokens', '__proto__', 'schema'])('refuses an unknown parameter %s, by its name', async (name) => {
    await expect(open(`memory:?${name}=1`)).rejects.toThrow(`"${name}"`)
  })

  it.each(['memory:tokens=5', 'memory://host', 'memory:/path', 'memory:#fragment', 'memory:x?tokens=5'])(
    'refuses %s, which says more than memory: can mean',
    async (address) => {
      await expect(open(address)).rejects.toThrow('parameters alone')
    },
  )

  it('refuses the address of something else', async () => {
    await expect(open('redis://localhost')).rejects.toThrow('redis:')
  })
})
