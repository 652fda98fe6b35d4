import type { ChildProcess } from 'node:child_process'

/** What Node writes to a worker with a connection. */
interface NewConnection {
  readonly act?: string
}

/** The connection as Node's cluster has it. */
interface Handle {
  close(): void
}

/**
 * Closes the connection that was on its way to a worker when that died. Node's primary hands on one at a time, and keeps it
 * until the worker has said that it has it: of one that is dead it would wait for that as long as it lives, and so would
 * whoever has connected. A connection that is closed already is not closed again.
 */
export function closeConnectionsOnTheirWay(child: ChildProcess): void {
  const send = child.send.bind(child) as (...given: unknown[]) => boolean
  let onItsWay: Handle | undefined
  child.send = (...given: unknown[]): boolean => {
    const [message, handle] = given as [NewConnection, Handle | undefined]
    if (message.act === 'newconn') onItsWay = handle
    return send(...given)
  }
  child.once('exit', () => onItsWay?.close())
}
