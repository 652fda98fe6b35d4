import { createConnection, createServer } from 'node:net'

/**
 * Stands between as a pooler does, as far as a client can tell: it says that it speaks for another process than the one
 * that answers.
 */
export async function startPooler(to: URL): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const server = createServer((inner) => {
    const outer = createConnection({ host: to.hostname, port: Number(to.port || 5432) })
    inner.on('error', () => outer.destroy()).on('close', () => outer.destroy())
    outer.on('error', () => inner.destroy()).on('close', () => inner.destroy())
    inner.pipe(outer)
    outer.on('data', (chunk) => inner.write(withAnotherProcess(chunk)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return { port, stop: () => new Promise((resolve) => server.close(() => resolve())) }
}

/** `BackendKeyData`: `K`, a length of 12, the number of the process, its key. */
const KEY_DATA = Buffer.from([0x4b, 0, 0, 0, 12])

function withAnotherProcess(chunk: Buffer): Buffer {
  const at = chunk.indexOf(KEY_DATA)
  if (at >= 0) chunk.writeUInt32BE(1, at + KEY_DATA.length)
  return chunk
}
