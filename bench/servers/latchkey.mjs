import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '../server-process.mjs'

const CLI = new URL('../../packages/http/dist/cli/main.js', import.meta.url).pathname

/** Starts Latchkey as it is shipped: memory storage, its event log written to a file. More settings may be given. */
export async function startLatchkey({ port, clients, settings = {} }) {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  const file = join(directory, 'clients.json')
  writeFileSync(file, JSON.stringify(clients))
  const server = await startServer({
    args: [CLI, 'serve'],
    env: {
      LATCHKEY_PORT: String(port),
      LATCHKEY_CLIENTS_FILE: file,
      LATCHKEY_STORAGE: 'memory:?tokens=20000000',
      ...settings,
    },
    url: `http://127.0.0.1:${port}/health/live`,
    log: openSync(join(directory, 'log.ndjson'), 'w'),
  })
  return {
    ...server,
    async stop() {
      await server.stop()
      rmSync(directory, { recursive: true })
    },
  }
}
