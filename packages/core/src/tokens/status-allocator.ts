import { randomInt } from '../crypto.ts'
import type { EpochSeconds } from '../domain/epoch-seconds.ts'
import { isStatusReference, type StatusReference } from '../domain/status-reference.ts'
import { OAuthError } from '../errors.ts'
import type { StatusIndexes } from '../ports/status-indexes.ts'

/** How many indices are reserved at once: so many tokens share one question to the backend. */
const BLOCK = 1024

/** How much later than the token that asked for it a block expires, in seconds: so long the block serves tokens of that lifetime. */
const RESERVED_AHEAD_SECONDS = 3600

/** Gives each self-contained token a place in a status list. */
export interface StatusAllocator {
  /** @throws OAuthError `temporarily_unavailable` when a block is needed and cannot be had. */
  place(expiresAt: EpochSeconds): Promise<StatusReference>
}

interface Block {
  readonly list: string
  readonly expiresAt: EpochSeconds
  /** What is left of it, in an order that tells nobody how many tokens there are between two (§13.2 of the draft). */
  readonly indices: number[]
}

/** Reserves blocks, and hands their places out at random. What is left of a block at the end of the process is never used. */
export function createStatusAllocator(indexes: StatusIndexes): StatusAllocator {
  let block: Block | undefined
  let underWay: Promise<void> | undefined

  async function reserve(expiresAt: EpochSeconds): Promise<void> {
    const until = expiresAt + RESERVED_AHEAD_SECONDS
    const { list, first } = await indexes.reserve(BLOCK, until)
    if (![first, first + BLOCK - 1].every((index) => isStatusReference({ list, index })))
      throw new OAuthError('server_error', 'the token could not be made', {
        reason: 'StatusIndexes.reserve answered what is no block of a list',
      })
    block = { list, expiresAt: until, indices: shuffled(first) }
  }

  return {
    async place(expiresAt) {
      for (;;) {
        const index = block !== undefined && expiresAt <= block.expiresAt ? block.indices.pop() : undefined
        if (index !== undefined) return { list: (block as Block).list, index }
        underWay ??= reserve(expiresAt).finally(() => {
          underWay = undefined
        })
        await underWay
      }
    },
  }
}

function shuffled(first: number): number[] {
  const indices = Array.from({ length: BLOCK }, (_, offset) => first + offset)
  for (let last = BLOCK - 1; last > 0; last--) {
    const other = randomInt(last + 1)
    ;[indices[last], indices[other]] = [indices[other] as number, indices[last] as number]
  }
  return indices
}
