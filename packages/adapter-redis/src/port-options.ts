import type { Clock } from '@latchkey/core'
import type { RedisCommands } from './commands.ts'

/** What every port in Redis may be given. */
export interface RedisPortOptions {
  /**
   * A ready client, which stays the caller's to close. It should have a `commandTimeout`, and no `keyPrefix`, whose keys
   * could not be told apart from another's; reads must go to the primary.
   */
  readonly client: RedisCommands
  /** What every key begins with: letters, digits and `._:-`. `latchkey` unless given. */
  readonly prefix?: string
}

/** What a port whose records expire may be given on top. */
export interface RedisExpiringPortOptions extends RedisPortOptions {
  /**
   * How many replicas must have a write before it counts. 0 unless given: then a failover loses what the primary answered
   * and had not sent on yet.
   */
  readonly waitReplicas?: number
  /** From which durations are reckoned. The clock of the machine unless given. */
  readonly clock?: Clock
}
