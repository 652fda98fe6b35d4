/**
 * Latchkey as a service: Fastify, settings, the command line.
 *
 * @module
 */
export { type AppDeps, type AppSettings, createApp } from './app.ts'
export type { Io } from './cli/io.ts'
export { run } from './cli/run.ts'
export type { Config, StorageSetting } from './config/config.ts'
export { configurationReference } from './config/configuration-reference.ts'
export type { Environment, ReadFile } from './config/environment.ts'
export { readConfig } from './config/read-config.ts'
export { SETTING_NAMES, type SettingName } from './config/settings.ts'
export { createLog, type Log, type LogLevel } from './log/log.ts'
export { createReadiness, type Readiness, type ReadinessDeps } from './readiness.ts'
export { createRemoteDocuments, type RemoteDocumentsOptions } from './remote/remote-documents.ts'
export type { TlsKeyPair } from './server/tls-context.ts'
export { type Service, type ServiceDeps, startService } from './service.ts'
export { StartRefused } from './start-refused.ts'
export type { Storage } from './storage/storage.ts'
