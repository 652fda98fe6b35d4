import type { RedisClient } from './redis-client.ts'
import { primariesOf } from './redis-client.ts'

/** What a server says of itself. Each is absent where it does not say it. */
export interface ServerFacts {
  readonly version?: string
  readonly evictionPolicy?: string
  readonly appendOnly?: boolean
}

/** Asks each primary, by `INFO`: managed services refuse `CONFIG`. */
export const factsOf = (client: RedisClient): Promise<readonly ServerFacts[]> =>
  Promise.all(primariesOf(client).map(async (primary) => factsIn(await primary.info())))

function factsIn(info: string): ServerFacts {
  const factOf = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1]
  const version = factOf('redis_version')
  const evictionPolicy = factOf('maxmemory_policy')
  const appendOnly = factOf('aof_enabled')
  return {
    ...(version !== undefined && { version }),
    ...(evictionPolicy !== undefined && { evictionPolicy }),
    ...(appendOnly !== undefined && { appendOnly: appendOnly === '1' }),
  }
}
