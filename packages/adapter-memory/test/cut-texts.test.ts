import { createMemoryTokenStore } from '@latchkey/adapter-memory'
import { expect, it } from 'vitest'
import { memoryInUse } from './memory-in-use.ts'
import { tokenRecord } from './token-records.ts'

const NOW = 1_700_000_000

// In a file of its own, so that nothing which another test has left counts.
it.each(['clientId', 'subject', 'credentialId', 'scopes', 'audience'])(
  'keeps nothing of the requests out of which their %s was cut',
  async (member) => {
    const tokens = createMemoryTokenStore()
    const before = memoryInUse()
    for (let token = 0; token < 100; token++) {
      const text = Buffer.alloc(1_000_000, `request ${token} `)
        .toString('latin1')
        .slice(token, token + 50)
      const cut = { [member]: member === 'scopes' || member === 'audience' ? [text] : text }
      await tokens.save({ ...tokenRecord(`token ${token}`, NOW + 60), ...cut })
    }
    // All of the requests are 100 MB; what else this process does meanwhile is less than half of it.
    expect(memoryInUse() - before).toBeLessThan(50_000_000)
    expect(await tokens.sweep(NOW + 61)).toBe(100)
  },
)
