import { describe, expect, it } from 'vitest'
import { hashSecret } from '../../src/client-auth/hash-secret.ts'
import { REPORTS } from '../test-server.ts'

describe('hashSecret', () => {
  it('hashes a generated secret into the hash that it was made with', async () => {
    expect(await hashSecret(REPORTS.secret)).toBe(REPORTS.hash)
  })

  it('hashes any other secret with scrypt, a mistyped one of the generated form too', async () => {
    const mistyped = REPORTS.secret.slice(0, -1) + (REPORTS.secret.endsWith('a') ? 'b' : 'a')
    expect(await hashSecret(mistyped)).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$/)
  })

  it.each(['', 's'.repeat(1025), 'hünter2', 'hunter2\n', 'hunter2\0', '\ud800'])(
    'refuses %j, which no client could present, and does not repeat it',
    async (secret) => {
      await expect(hashSecret(secret)).rejects.toThrow(
        /^a client secret must be 1 to 1024 characters of printable ASCII$/,
      )
    },
  )
})
