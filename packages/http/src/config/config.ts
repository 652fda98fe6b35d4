import type {
  AccessTokenFormat,
  DpopOptions,
  Profile,
  SharedKeyEncryption,
  SharedSecretAlgorithm,
  SigningAlgorithm,
} from '@latchkey/core'
import type { LogLevel } from '../log/log.ts'
import type { RemoteDocumentsOptions } from '../remote/remote-documents.ts'
import type { TlsSettings } from '../server/tls-context.ts'
import type { MutualTlsSettings } from './read-mutual-tls.ts'
import type { SettingName } from './settings.ts'

/** Where something is kept, and the setting that says so. */
export interface StorageSetting {
  readonly setting: SettingName
  readonly storage: string
}

/** How JWTs are signed and encrypted. */
export interface SigningSettings {
  /** Absent where it was not set: then what is usual for the key. */
  readonly alg: SigningAlgorithm | SharedSecretAlgorithm | undefined
  /** For resources that want them. */
  readonly otherAlgs: readonly SigningAlgorithm[]
  /** Keys of the operator's own, in PEM or as JSON. */
  readonly key: string | undefined
  readonly jwtSecret: string | undefined
  readonly masterKey: string | undefined
  readonly previousMasterKey: string | undefined
  readonly encryption: SharedKeyEncryption | undefined
}

/** How documents of others are fetched. */
export type RemoteSettings = Pick<RemoteDocumentsOptions, 'extraCa' | 'dangerouslyAllowPrivateAddresses'>

/** How the service is set up, with every default filled in. */
export interface Config {
  readonly issuer: string
  readonly host: string
  readonly port: number
  readonly tls: TlsSettings | undefined
  /** Reads again what https is served with. @throws StartRefused with what is wrong with it now. */
  readonly rereadTls: (() => TlsSettings) | undefined
  readonly trustedProxies: readonly string[]
  /** Absent where no certificate of a client can arrive. */
  readonly mutualTls: MutualTlsSettings | undefined
  readonly allowInsecureHttp: boolean
  readonly clientStorage: StorageSetting
  readonly tokenStorage: StorageSetting
  /** Whether pending migrations are applied at start. */
  readonly autoMigrate: boolean
  /** In seconds, 0 for no cache; `undefined` leaves it to what the storage can tell of changes. */
  readonly clientCacheTtl: number | undefined
  readonly clientsFile: string | undefined
  readonly accessTokenFormat: AccessTokenFormat
  readonly signing: SigningSettings
  /** Whether a list of revoked JWTs is published. */
  readonly statusList: boolean
  /** For how long anybody may go by it, in seconds. */
  readonly statusListTtl: number
  /** In seconds. */
  readonly accessTokenTtl: number
  readonly defaultAudience: string
  /** Whether the metadata names the resources. */
  readonly advertiseResources: boolean
  readonly generatedSecretsOnly: boolean
  /** In seconds. */
  readonly maxAssertionLifetime: number
  /** What the service as a whole is held to. */
  readonly profile: Profile | undefined
  /** Absent where nothing is said of it. */
  readonly dpop: DpopOptions | undefined
  /** How documents of others are fetched. */
  readonly remoteDocuments: RemoteSettings
  /** The module of the hooks. */
  readonly hooks: string | undefined
  /** How many processes serve; `auto` is one for each core. */
  readonly workers: number | 'auto'
  readonly logLevel: LogLevel
  readonly corsOrigins: readonly string[]
}
