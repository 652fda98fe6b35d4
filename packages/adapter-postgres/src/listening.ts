import { within } from './within.ts'

/** The part of `pg.Client` that listening uses: a connection of its own, not yet connected. */
export interface ListeningConnection {
  connect(): Promise<unknown>
  query(text: string): Promise<{ readonly rows: readonly unknown[] }>
  on(event: 'notification', listener: (message: { readonly payload?: string | undefined }) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'end', listener: () => void): unknown
  end(): Promise<void>
  /** Its socket, for when nobody answers its goodbye. */
  readonly connection: { readonly stream: { destroy(): unknown } }
}

/** A channel that is listened to. */
export interface Listening {
  /** Resolves once nothing more will be heard. */
  readonly lost: Promise<void>
  /** Ends it. Never rejects, and waits a second at most: who is not there does not say goodbye. */
  end(): Promise<void>
}

/** What {@link listen} takes. */
export interface ListenDeps {
  readonly connection: ListeningConnection
  readonly channel: string
  readonly onMessage: (payload: string) => void
  /** How often is looked whether the connection is alive, in milliseconds. */
  readonly probeEvery: number
  /** How long an answer is waited for, in milliseconds. */
  readonly patience: number
}

/** How long an end is waited for, in milliseconds. */
const GOODBYE = 1000

/**
 * Listens to a channel. A connection that is dead and says nothing is found out by asking it now and then.
 *
 * @throws when the connection cannot be made, or goes through a pooler: there a notice reaches whoever comes first.
 */
export async function listen(deps: ListenDeps): Promise<Listening> {
  const { connection, channel, onMessage, probeEvery, patience } = deps
  let timer: ReturnType<typeof setTimeout> | undefined
  let isLost = false
  let lose = (): void => undefined
  const lost = new Promise<void>((resolve) => {
    lose = () => {
      isLost = true
      clearTimeout(timer)
      resolve()
    }
  })
  const end = async (): Promise<void> => {
    lose()
    await within(GOODBYE, connection.end()).catch(() => connection.connection.stream.destroy())
  }
  connection.on('error', lose)
  connection.on('end', lose)
  connection.on('notification', ({ payload }) => onMessage(payload ?? ''))
  try {
    await within(patience, connection.connect())
    await within(patience, connection.query(`LISTEN ${channel}`))
    if (await within(patience, isPooled(connection)))
      throw new Error('the connection goes through a pooler, which passes no notices on')
  } catch (error) {
    await end()
    throw error
  }
  const probe = (): void => {
    within(patience, connection.query('SELECT')).then(rest, () => void end())
  }
  const rest = (): void => {
    if (!isLost) timer = setTimeout(probe, probeEvery).unref()
  }
  rest()
  return { lost, end }
}

/**
 * Whether somebody stands between: a pooler invents the number of the process that it says it speaks for, and the database
 * knows its own.
 */
export async function isPooled(connection: Pick<ListeningConnection, 'query'>): Promise<boolean> {
  const { rows } = await connection.query('SELECT pg_backend_pid() AS pid')
  const told: unknown = Reflect.get(connection, 'processID')
  return typeof told === 'number' && (rows[0] as { readonly pid: number }).pid !== told
}
