import type { OpenAdapter } from '@latchkey/core'
import { connect } from './connect.ts'
import { createRedisAdapter } from './redis-adapter.ts'
import { readAddress } from './redis-address.ts'

/**
 * Opens `redis:` and `rediss:` addresses. Parameters: `prefix`, `wait_replicas`, `cluster`, `sentinel`, `node` and
 * `dangerously_allow_eviction`.
 *
 * @throws Error that names the parameter, when one is unknown, given twice or wrong; when nobody answers there; and as
 *   `createRedisAdapter` does. None holds a password.
 */
export const openAdapter: OpenAdapter = async (url) => {
  const address = readAddress(url)
  const client = await connect(address)
  try {
    return await createRedisAdapter({
      client,
      prefix: address.prefix,
      waitReplicas: address.waitReplicas,
      dangerouslyAllowEviction: address.allowEviction,
    })
  } catch (error) {
    client.disconnect()
    throw error
  }
}
