import type { JsonObject, ListedKey } from '@latchkey/core'
import type { Io } from '../cli/io.ts'
import { note, printJson, printTable } from '../cli/print.ts'
import { shownTime } from '../cli/times.ts'
import { withKeys } from './with-key-ring.ts'

/** What every command about keys may be told. */
export interface KeyOptions {
  readonly json?: boolean
}

/** `latchkey key list`: every key that can be used, in the order in which they sign. Makes none. */
export async function listKeysCommand({ json }: KeyOptions, io: Io): Promise<void> {
  await withKeys(io, async ({ store, openRing }) => {
    const isEmpty = (await store.list()).keys.length === 0
    const keys = isEmpty ? [] : (await openRing()).list()
    if (json === true) printJson(io, { keys: keys.map(keyDocument) })
    else if (isEmpty) note(io, 'There is no signing key yet; the service makes the first one.')
    else printTable(io, ['KID', 'ALG', 'STATE', 'SIGNS_FROM', 'CREATED', 'MASTER_KEY'], keys.map(keyRow))
  })
}

/** A key as programs read it. */
export const keyDocument = ({ kid, alg, state, createdAt, signsFrom, sealedWith }: ListedKey): JsonObject => ({
  kid,
  alg,
  state,
  signs_from: signsFrom,
  created_at: createdAt,
  master_key: sealedWith,
})

const keyRow = ({ kid, alg, state, createdAt, signsFrom, sealedWith }: ListedKey): readonly string[] => [
  kid,
  alg,
  state,
  shownTime(signsFrom),
  shownTime(createdAt),
  sealedWith,
]
