import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { readConfig } from '../src/config/read-config.ts'
import { createLog } from '../src/log/log.ts'
import { type Service, type ServiceDeps, startService } from '../src/service.ts'

/** The whole service, as settings set it up, and what it has logged. */
export interface StartedService {
  readonly service: Service
  readonly port: number
  readonly logged: readonly string[]
}

const readFile = (path: string): string => readFileSync(path, 'utf8')

/** Starts on any free port. */
export async function startedService(
  environment: Record<string, string>,
  deps: Partial<ServiceDeps> = {},
): Promise<StartedService> {
  const config = readConfig({ LATCHKEY_ISSUER: 'http://localhost:4000', LATCHKEY_PORT: '0', ...environment }, readFile)
  const logged: string[] = []
  const log = createLog(config.logLevel, { write: (line) => logged.push(line) })
  const service = await startService({ config, log, directory: import.meta.dirname, readFile, ...deps })
  return { service, logged, port: (service.app.server.address() as AddressInfo).port }
}
