import type { Server as PlainServer } from 'node:http'
import { Server as TlsServer } from 'node:https'
import { isDeepStrictEqual } from 'node:util'
import type { Config } from '../config/config.ts'
import type { Log } from '../log/log.ts'
import { StartRefused } from '../start-refused.ts'
import { secureContextOf, type TlsSettings } from './tls-context.ts'

/** What {@link followTlsFiles} takes. */
export interface TlsFilesDeps {
  readonly config: Pick<Config, 'tls' | 'rereadTls'>
  readonly log: Log
  readonly everyMs: number
}

/** What a look at the files came to. */
interface Look {
  readonly tls?: TlsSettings
  /** What is wrong with them. */
  readonly problems?: readonly string[]
}

/**
 * Has a server go along with its certificate, its key and its authorities for clients, where these are files: new
 * connections get what is in them now, those that are open stay as they are. Sessions of before are not taken up again.
 *
 * The files are read again and compared, rather than watched: what Kubernetes mounts changes by a link being turned, far
 * from the path that is watched. Something new counts once it was seen twice, so that nothing half written does. What is
 * wrong is warned of once, and what was there before is kept.
 *
 * @returns a function that leaves off.
 */
export function followTlsFiles(
  server: PlainServer,
  { config: { tls, rereadTls }, log, everyMs }: TlsFilesDeps,
): () => void {
  if (tls === undefined || rereadTls === undefined || !(server instanceof TlsServer)) return () => undefined
  let current: Look = { tls }
  let seen: Look = current

  const timer = setInterval(() => {
    const look = lookBy(rereadTls)
    const isSettled = isDeepStrictEqual(look, seen)
    seen = look
    if (!isSettled || isDeepStrictEqual(look, current)) return
    current = look
    for (const problem of look.problems ?? [])
      log.warn({ event: 'tls_kept' }, `${problem}; the service goes on with the certificates of before`)
    if (look.tls === undefined) return
    server.setSecureContext(secureContextOf(look.tls))
    log.info({ event: 'tls_renewed' }, 'the certificates have changed')
  }, everyMs)
  timer.unref()
  return () => clearInterval(timer)
}

function lookBy(reread: () => TlsSettings): Look {
  try {
    return { tls: reread() }
  } catch (error) {
    return { problems: error instanceof StartRefused ? error.problems : ['the files of TLS cannot be read'] }
  }
}
