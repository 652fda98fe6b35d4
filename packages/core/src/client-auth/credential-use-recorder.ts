import type { CredentialUse } from '../domain/credential-use.ts'
import type { EpochSeconds } from '../domain/epoch-seconds.ts'
import type { Emit } from '../domain/event.ts'
import type { CredentialUses } from '../ports/credential-uses.ts'

/** Notes which credentials are in use, and writes it down in batches. */
export interface CredentialUseRecorder {
  /** Costs the request two looks into maps. */
  note(clientId: string, credentialId: string, now: EpochSeconds): void
  /** Writes down what is noted. Never rejects. */
  flush(): Promise<void>
}

/** What {@link createCredentialUseRecorder} takes. */
export interface CredentialUseRecorderDeps {
  readonly uses: CredentialUses
  readonly emit: Emit
}

/** Once a minute for each credential is as exact as an operator needs it. */
const NOTED_EVERY_SECONDS = 60
const WRITTEN_EVERY_MS = 10_000
/** The rest waits for these: a backend that gets all at once, of tens of thousands of clients, has no room for requests. */
const MOST_TOGETHER = 1000
/** Beyond so many credentials in a minute the map starts afresh: some are written down twice then. */
const MOST_NOTED = 100_000

/** For a server that is not asked to remember uses. */
export const noCredentialUses: CredentialUseRecorder = {
  note: () => undefined,
  flush: () => Promise.resolve(),
}

/** Batches uses: at most one for each credential in a minute, written ten seconds after the first of them at the latest. */
export function createCredentialUseRecorder({ uses, emit }: CredentialUseRecorderDeps): CredentialUseRecorder {
  /** For each client, by the ids of its credentials. */
  const notedAt = new Map<string, Map<string, EpochSeconds>>()
  let noted = 0
  let batch: CredentialUse[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  let writing = Promise.resolve()

  /** After the batch before it: whoever waits for this one may close the backend, and no batch may be under way then. */
  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    writing = writing.then(write)
    return writing
  }

  async function write(): Promise<void> {
    const written = batch
    batch = []
    for (let start = 0; start < written.length; start += MOST_TOGETHER) {
      try {
        await uses.record(written.slice(start, start + MOST_TOGETHER))
      } catch (error) {
        const at = written.at(-1)?.usedAt ?? 0
        const reason = error instanceof Error ? error.message : 'the backend failed'
        const count = written.length - start
        emit({ type: 'credential_uses_lost', at, requestId: 'none', count, reason })
        return
      }
    }
  }

  return {
    flush,
    note(clientId, credentialId, now) {
      const before = notedAt.get(clientId)?.get(credentialId)
      if (before !== undefined && now - before < NOTED_EVERY_SECONDS) return
      if (before === undefined) noted += 1
      if (noted > MOST_NOTED) {
        notedAt.clear()
        noted = 1
      }
      const ofClient = notedAt.get(clientId) ?? new Map<string, EpochSeconds>()
      notedAt.set(clientId, ofClient.set(credentialId, now))
      batch.push({ clientId, credentialId, usedAt: now })
      timer ??= setTimeout(() => void flush(), WRITTEN_EVERY_MS).unref()
    },
  }
}
