import type { CredentialUses, EpochSeconds } from '@latchkey/core'
import { checkedCapacity, DEFAULT_CAPACITY } from './capacity.ts'

/** What {@link createMemoryCredentialUses} may be given. */
export interface MemoryCredentialUsesOptions {
  /** Of how many credentials it remembers the last use at most. 1 000 000 unless given. */
  readonly capacity?: number
}

/**
 * Keeps the last use of each credential in this process, until it ends. When it is full, `record` keeps what there is
 * room for and throws.
 *
 * @throws TypeError when the capacity is no whole number above 0.
 */
export function createMemoryCredentialUses(options: MemoryCredentialUsesOptions = {}): CredentialUses {
  const capacity = checkedCapacity('capacity', options.capacity ?? DEFAULT_CAPACITY)
  const usesByClient = new Map<string, Map<string, EpochSeconds>>()
  let size = 0

  const usesOf = (clientId: string): Map<string, EpochSeconds> => {
    const known = usesByClient.get(clientId)
    if (known !== undefined) return known
    const none = new Map<string, EpochSeconds>()
    usesByClient.set(clientId, none)
    return none
  }

  return {
    async record(uses) {
      let refused = 0
      for (const { clientId, credentialId, usedAt } of uses) {
        const before = usesByClient.get(clientId)?.get(credentialId)
        if (before === undefined && size >= capacity) {
          refused++
          continue
        }
        if (before === undefined) size++
        if (before === undefined || before < usedAt) usesOf(clientId).set(credentialId, usedAt)
      }
      if (refused > 0)
        throw new Error(
          `the memory is full: it holds the last uses of ${capacity} credentials, and refused ${refused} more`,
        )
    },
    async of(clientId) {
      const uses = [...(usesByClient.get(clientId) ?? [])]
      return uses.map(([credentialId, usedAt]) => ({ clientId, credentialId, usedAt }))
    },
  }
}
