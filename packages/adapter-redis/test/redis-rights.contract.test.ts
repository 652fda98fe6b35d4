import { describeAdapter } from '@latchkey/adapter-contract/vitest'
import { openAdapter } from '@latchkey/adapter-redis'
import { startRedis } from '@latchkey/test-backends'
import { afterAll } from 'vitest'
import { documentedUser } from './documented-rights.ts'

const server = await startRedis({ acl: ['user default off', documentedUser()] })
afterAll(() => server.stop())

describeAdapter('redis, as the documented user', () =>
  openAdapter(new URL(`redis://latchkey:password@127.0.0.1:${server.port}`)),
)
