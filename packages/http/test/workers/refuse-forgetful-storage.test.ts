import { availableParallelism } from 'node:os'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config/read-config.ts'
import { StartRefused } from '../../src/start-refused.ts'
import { refuseForgetfulStorage } from '../../src/workers/refuse-forgetful-storage.ts'
import { workerCount } from '../../src/workers/worker-count.ts'

const MIXED = { LATCHKEY_CLIENT_STORAGE: 'redis://h', LATCHKEY_TOKEN_STORAGE: 'memory:' }

function problemsOf(settings: Record<string, string>, forgetsClients: boolean, forgetsTokens: boolean) {
  try {
    refuseForgetfulStorage(
      { forgetsClients, forgetsTokens },
      readConfig(settings, () => ''),
    )
    return []
  } catch (error) {
    if (error instanceof StartRefused) return error.problems
    throw error
  }
}

describe('a storage that forgets with its process', () => {
  it('is refused for several workers, by the setting and what is kept there', () => {
    expect(problemsOf({ LATCHKEY_WORKERS: '2' }, true, true)).toEqual([
      'LATCHKEY_WORKERS: 2 workers need a storage that they share, and LATCHKEY_STORAGE keeps clients and tokens in the memory of each; set it to a Postgres or a Redis, or LATCHKEY_WORKERS to 1',
    ])
    expect(problemsOf({ LATCHKEY_WORKERS: '3', ...MIXED }, false, true)).toEqual([
      expect.stringMatching(/^LATCHKEY_WORKERS: 3 workers .* LATCHKEY_TOKEN_STORAGE keeps tokens in/),
    ])
    expect(problemsOf({ LATCHKEY_WORKERS: '3', ...MIXED }, true, true)).toEqual([
      expect.stringMatching(/LATCHKEY_CLIENT_STORAGE keeps clients in/),
      expect.stringMatching(/LATCHKEY_TOKEN_STORAGE keeps tokens in/),
    ])
  })

  it('is good for one, and one that lasts for any number', () => {
    expect(problemsOf({}, true, true)).toEqual([])
    expect(problemsOf({ LATCHKEY_WORKERS: '64' }, false, false)).toEqual([])
  })
})

it('takes auto for as many workers as there are cores', () => {
  expect([workerCount('auto'), workerCount(3)]).toEqual([availableParallelism(), 3])
})
