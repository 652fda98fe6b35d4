import type { AccessTokenFormat, Profile } from '@latchkey/core'
import type { LogLevel } from '../log/log.ts'
import type { ForwardedForm, JwtEncryption, SigningAlgorithmNames } from './setting.ts'

/** The settings that were given, each read for itself. */
export interface GivenSettings {
  readonly LATCHKEY_ISSUER?: string | undefined
  readonly LATCHKEY_HOST?: string | undefined
  readonly LATCHKEY_PORT?: number | undefined
  readonly LATCHKEY_TLS_CERT?: string | undefined
  readonly LATCHKEY_TLS_KEY?: string | undefined
  readonly LATCHKEY_TLS_CLIENT_CA?: string | undefined
  readonly LATCHKEY_TLS_CLIENT_CERTIFICATES?: boolean | undefined
  readonly LATCHKEY_TRUSTED_PROXIES?: readonly string[] | undefined
  readonly LATCHKEY_FORWARDED_CLIENT_CERT?: ForwardedForm | undefined
  readonly LATCHKEY_FORWARDED_CLIENT_VERIFY?: string | undefined
  readonly LATCHKEY_MTLS_ORIGIN?: string | undefined
  readonly LATCHKEY_ALLOW_INSECURE_HTTP?: boolean | undefined
  readonly LATCHKEY_STORAGE?: string | undefined
  readonly LATCHKEY_CLIENT_STORAGE?: string | undefined
  readonly LATCHKEY_TOKEN_STORAGE?: string | undefined
  readonly LATCHKEY_AUTO_MIGRATE?: boolean | undefined
  readonly LATCHKEY_CLIENT_CACHE_TTL?: number | undefined
  readonly LATCHKEY_CLIENTS_FILE?: string | undefined
  readonly LATCHKEY_ACCESS_TOKEN_FORMAT?: AccessTokenFormat | undefined
  readonly LATCHKEY_ACCESS_TOKEN_TTL?: number | undefined
  readonly LATCHKEY_SIGNING_ALG?: SigningAlgorithmNames | undefined
  readonly LATCHKEY_SIGNING_KEY?: string | undefined
  readonly LATCHKEY_JWT_SECRET?: string | undefined
  readonly LATCHKEY_JWT_ENCRYPTION?: JwtEncryption | undefined
  readonly LATCHKEY_JWT_ENCRYPTION_KEY?: string | undefined
  readonly LATCHKEY_MASTER_KEY?: string | undefined
  readonly LATCHKEY_MASTER_KEY_PREVIOUS?: string | undefined
  readonly LATCHKEY_STATUS_LIST?: boolean | undefined
  readonly LATCHKEY_STATUS_LIST_TTL?: number | undefined
  readonly LATCHKEY_DEFAULT_AUDIENCE?: string | undefined
  readonly LATCHKEY_ADVERTISE_RESOURCES?: boolean | undefined
  readonly LATCHKEY_GENERATED_SECRETS_ONLY?: boolean | undefined
  readonly LATCHKEY_MAX_ASSERTION_LIFETIME?: number | undefined
  readonly LATCHKEY_PROFILE?: Profile | undefined
  readonly LATCHKEY_DPOP_NONCE_REQUIRED?: boolean | undefined
  readonly LATCHKEY_DPOP_NONCE_SECRET?: string | undefined
  readonly LATCHKEY_DPOP_NONCE_SECRET_PREVIOUS?: string | undefined
  readonly LATCHKEY_REMOTE_CA?: string | undefined
  readonly LATCHKEY_DANGEROUSLY_ALLOW_PRIVATE_ADDRESSES?: readonly string[] | undefined
  readonly LATCHKEY_HOOKS?: string | undefined
  readonly LATCHKEY_WORKERS?: number | 'auto' | undefined
  readonly LATCHKEY_LOG_LEVEL?: LogLevel | undefined
  readonly LATCHKEY_CORS_ORIGINS?: readonly string[] | undefined
}

/** The name of a setting. */
export type SettingName = keyof GivenSettings
