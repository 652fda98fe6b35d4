import { connect, type Socket } from 'node:net'

/** An answer as it came over the line: every name in its letters, in its order. */
export interface RawAnswer {
  readonly status: number
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly names: readonly string[]
  readonly body: string
  readonly text: string
}

/** Opens a connection. */
export const connectTo = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.on('error', reject)
  })

/** Everything that comes until the server closes the connection, which it must do within five seconds. */
export const untilClosed = (socket: Socket): Promise<string> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new Error(`the connection stayed open; so far: ${Buffer.concat(chunks).toString('latin1')}`))
    }, 5000)
    const done = (): void => {
      clearTimeout(timer)
      resolve(Buffer.concat(chunks).toString('latin1'))
    }
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('end', done)
    socket.on('close', done)
    // A reset after the answer is an end as well.
    socket.on('error', done)
  })

/** Sends bytes as they are and reads until the server closes. A request that is well-formed must ask for that. */
export async function talk(port: number, bytes: string | Uint8Array): Promise<RawAnswer> {
  const socket = await connectTo(port)
  const answer = untilClosed(socket)
  socket.write(bytes)
  const text = await answer
  socket.destroy()
  return rawAnswer(text)
}

/** A request in lines, each field on its own; the length of the body is added. */
export const lines = (start: string, fields: readonly string[], body = ''): string =>
  [start, ...fields, `Content-Length: ${Buffer.byteLength(body)}`, 'Connection: close', '', body].join('\r\n')

function rawAnswer(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n')
  const [start = '', ...rest] = text.slice(0, end).split('\r\n')
  const fields = rest.map(
    (line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const,
  )
  return {
    status: Number(start.split(' ')[1]),
    fields,
    names: fields.map(([name]) => name),
    body: text.slice(end + 4),
    text,
  }
}

/** The value of a field; `undefined` when there is none. */
export const field = ({ fields }: RawAnswer, wanted: string): string | undefined =>
  fields.find(([name]) => name.toLowerCase() === wanted)?.[1]
