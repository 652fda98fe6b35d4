import type { ListedKey, OpenKeyRing } from '@latchkey/core'
import { CommandRefused } from '../cli/command-refused.ts'
import type { Io } from '../cli/io.ts'
import { printJson, printLine } from '../cli/print.ts'
import { confirm, isAtTerminal } from '../cli/questions.ts'
import { shownTime } from '../cli/times.ts'
import { WrongCall } from '../cli/wrong-call.ts'
import { type KeyOptions, keyDocument } from './look-at-keys.ts'
import { withKeys } from './with-key-ring.ts'

/** What `latchkey key retire` may be told. */
export interface RetireKeyOptions extends KeyOptions {
  readonly now?: boolean
  readonly yes?: boolean
}

/** What `latchkey key rotate` may be told. */
export interface RotateKeyOptions extends KeyOptions {
  readonly alg?: string
}

/**
 * `latchkey key rotate`: announces the next key, unless one is announced already.
 *
 * @throws CommandRefused when there are no keys of that algorithm.
 */
export async function rotateKeysCommand({ alg: wanted, json }: RotateKeyOptions, io: Io): Promise<void> {
  await withKeys(io, async ({ openRing }) => {
    const ring = await openRing()
    const alg = ring.algorithms().find((known) => known === wanted)
    if (wanted !== undefined && alg === undefined)
      throw new CommandRefused(`--alg must be one of those in use: ${ring.algorithms().join(', ')}`)
    const next = await ring.rotate(alg)
    if (json === true) printJson(io, keyDocument(next))
    else printLine(io, nextText(next))
  })
}

const nextText = ({ kid, alg, signsFrom }: ListedKey): string =>
  `${kid} (${alg}) is announced, and signs from ${shownTime(signsFrom)}`

/**
 * `latchkey key retire`: lets a key sign until the next one may, or with `--now` removes it at once.
 *
 * @throws WrongCall when nobody says that it is meant.
 * @throws CommandRefused when there is no such key, it signs no tokens anyway, or the answer is no.
 */
export async function retireKeyCommand(kid: string, options: RetireKeyOptions, io: Io): Promise<void> {
  await withKeys(io, async ({ store, openRing }) => {
    if ((await store.list()).keys.every((key) => key.kid !== kid)) throw noSuchKey(kid)
    const ring = await openRing()
    await (options.now === true ? removeNow(ring, kid, options, io) : retire(ring, kid, options, io))
  })
}

async function retire(ring: OpenKeyRing, kid: string, { json }: RetireKeyOptions, io: Io): Promise<void> {
  const key = ring.list().find((known) => known.kid === kid)
  if (key?.state !== 'signing')
    throw new CommandRefused(
      `${kid} ${key === undefined ? 'cannot be used' : `is ${key.state}`}, and signs nothing; --now removes it`,
    )
  const next = await ring.rotate(ring.algorithms().find((alg) => alg === key.alg))
  if (json === true) printJson(io, { kid, signs_until: next.signsFrom, next: keyDocument(next) })
  else printLine(io, `${kid} signs until ${shownTime(next.signsFrom)}; ${nextText(next)}`)
}

async function removeNow(ring: OpenKeyRing, kid: string, { json, yes }: RetireKeyOptions, io: Io): Promise<void> {
  if (yes !== true) await ask(kid, io)
  if (!(await ring.retireNow(kid))) throw noSuchKey(kid)
  if (json === true) printJson(io, { kid, removed: true })
  else printLine(io, `${kid} is removed; what it signed is inactive within ten seconds`)
}

async function ask(kid: string, io: Io): Promise<void> {
  if (!isAtTerminal(io))
    throw new WrongCall([`--yes is missing, and there is nobody to ask whether to remove ${JSON.stringify(kid)}`])
  if (!(await confirm(io, `Remove the key ${JSON.stringify(kid)}, and make every token that it signed inactive?`)))
    throw new CommandRefused(`${kid} is not removed`)
}

const noSuchKey = (kid: string): CommandRefused => new CommandRefused(`there is no key ${JSON.stringify(kid)}`)
