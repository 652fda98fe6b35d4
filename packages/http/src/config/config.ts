import type { LogLevel } from '../log/log.ts'
import type { TlsKeyPair } from '../server/http-server.ts'
import type { SettingName } from './settings.ts'

/** Where something is kept, and the setting that says so. */
export interface StorageSetting {
  readonly setting: SettingName
  readonly storage: string
}

/** How the service is set up, with every default filled in. */
export interface Config {
  readonly issuer: string
  readonly host: string
  readonly port: number
  readonly tls: TlsKeyPair | undefined
  readonly trustedProxies: readonly string[]
  readonly allowInsecureHttp: boolean
  readonly clientStorage: StorageSetting
  readonly tokenStorage: StorageSetting
  readonly clientsFile: string | undefined
  /** In seconds. */
  readonly accessTokenTtl: number
  readonly defaultAudience: string
  readonly generatedSecretsOnly: boolean
  readonly logLevel: LogLevel
  readonly corsOrigins: readonly string[]
}
