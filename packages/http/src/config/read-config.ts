import { X509Certificate } from 'node:crypto'
import {
  DEFAULT_ACCESS_TOKEN_LIFETIME,
  DEFAULT_MAX_ASSERTION_LIFETIME,
  DEFAULT_STATUS_LIST_TTL,
  type DpopOptions,
  isLoopback,
} from '@latchkey/core'
import { problemsOfSettings } from '../fapi2/problems-of-settings.ts'
import type { TlsKeyPair } from '../server/tls-context.ts'
import { StartRefused } from '../start-refused.ts'
import type { Config, RemoteSettings, SigningSettings, StorageSetting } from './config.ts'
import { type Environment, type ReadFile, settingsIn } from './environment.ts'
import { contentOf } from './key-material.ts'
import { parseSettings } from './parse-settings.ts'
import { mutualTlsOf } from './read-mutual-tls.ts'
import { signingOf } from './read-signing.ts'
import { rereadTls, tlsOf } from './read-tls.ts'
import type { GivenSettings, SettingName } from './settings.ts'

type Complain = (problem: string) => void

const DEFAULT_HOST = '127.0.0.1'
const DEFAULT_PORT = 4000
const DEFAULT_STORAGE = 'memory:'

const STORAGE_SETTINGS: readonly SettingName[] = [
  'LATCHKEY_STORAGE',
  'LATCHKEY_CLIENT_STORAGE',
  'LATCHKEY_TOKEN_STORAGE',
  'LATCHKEY_CLIENT_CACHE_TTL',
  'LATCHKEY_CLIENTS_FILE',
]

/**
 * Reads the settings of an environment. Pure: it knows no other than the one that it is given, and files by `readFile`.
 *
 * @throws StartRefused with every problem at once.
 */
export function readConfig(environment: Environment, readFile: ReadFile): Config {
  const problems: string[] = []
  const complain: Complain = (problem) => problems.push(problem)
  const given = parseSettings(settingsIn(environment, readFile, complain), complain)

  const tls = tlsOf(given, readFile, complain)
  const host = given.LATCHKEY_HOST ?? DEFAULT_HOST
  const port = given.LATCHKEY_PORT ?? DEFAULT_PORT
  // A wrong issuer was complained of already; that it is missing as well would be said in vain.
  const issuer = given.LATCHKEY_ISSUER ?? (problems.length > 0 ? '' : defaultIssuer(host, port, tls, complain))
  if (tls !== undefined && issuer.startsWith('http:'))
    complain('LATCHKEY_ISSUER must be https where LATCHKEY_TLS_CERT is set')
  const signing = signingOf(given, readFile, complain)
  const mutualTls = mutualTlsOf(given, tls, complain)
  const dpop = dpopOf(given, complain)
  const remoteDocuments = remoteOf(given, readFile, complain)
  const { LATCHKEY_PROFILE: profile, LATCHKEY_ALLOW_INSECURE_HTTP: allowInsecureHttp = false } = given
  if (profile !== undefined)
    for (const problem of problemsOfSettings({ allowInsecureHttp, signing }))
      complain(`LATCHKEY_PROFILE is ${profile}: ${problem}`)
  if (problems.length > 0) throw new StartRefused(problems)

  return {
    issuer,
    host,
    port,
    tls,
    rereadTls: tls && (() => rereadTls(environment, readFile)),
    trustedProxies: given.LATCHKEY_TRUSTED_PROXIES ?? [],
    mutualTls,
    allowInsecureHttp,
    clientStorage: storageOf(given, 'LATCHKEY_CLIENT_STORAGE'),
    tokenStorage: storageOf(given, 'LATCHKEY_TOKEN_STORAGE'),
    autoMigrate: given.LATCHKEY_AUTO_MIGRATE ?? false,
    clientCacheTtl: given.LATCHKEY_CLIENT_CACHE_TTL,
    clientsFile: given.LATCHKEY_CLIENTS_FILE,
    accessTokenFormat: given.LATCHKEY_ACCESS_TOKEN_FORMAT ?? 'opaque',
    signing,
    statusList: given.LATCHKEY_STATUS_LIST ?? false,
    statusListTtl: given.LATCHKEY_STATUS_LIST_TTL ?? DEFAULT_STATUS_LIST_TTL,
    accessTokenTtl: given.LATCHKEY_ACCESS_TOKEN_TTL ?? DEFAULT_ACCESS_TOKEN_LIFETIME,
    defaultAudience: given.LATCHKEY_DEFAULT_AUDIENCE ?? issuer,
    advertiseResources: given.LATCHKEY_ADVERTISE_RESOURCES ?? true,
    generatedSecretsOnly: given.LATCHKEY_GENERATED_SECRETS_ONLY ?? false,
    maxAssertionLifetime: given.LATCHKEY_MAX_ASSERTION_LIFETIME ?? DEFAULT_MAX_ASSERTION_LIFETIME,
    profile,
    dpop,
    remoteDocuments,
    hooks: given.LATCHKEY_HOOKS,
    workers: given.LATCHKEY_WORKERS ?? 1,
    logLevel: given.LATCHKEY_LOG_LEVEL ?? 'info',
    corsOrigins: given.LATCHKEY_CORS_ORIGINS ?? [],
  }
}

/** Where things are kept, and for how long it may be believed what they were. */
export type StorageConfig = Pick<Config, 'clientStorage' | 'tokenStorage' | 'clientCacheTtl' | 'clientsFile'>

/**
 * Reads the settings that say where things are kept. The others are not looked at: whoever looks after the clients need
 * not be able to read the private key of the service.
 *
 * @throws StartRefused with every problem at once; a name that is no setting is one.
 */
export function readStorageConfig(environment: Environment, readFile: ReadFile): StorageConfig {
  const problems: string[] = []
  const complain: Complain = (problem) => problems.push(problem)
  const given = parseSettings(settingsIn(environment, readFile, complain, STORAGE_SETTINGS), complain)
  if (problems.length > 0) throw new StartRefused(problems)
  return {
    clientStorage: storageOf(given, 'LATCHKEY_CLIENT_STORAGE'),
    tokenStorage: storageOf(given, 'LATCHKEY_TOKEN_STORAGE'),
    clientCacheTtl: given.LATCHKEY_CLIENT_CACHE_TTL,
    clientsFile: given.LATCHKEY_CLIENTS_FILE,
  }
}

/**
 * Reads which addresses keys may be fetched from though they are not public, for commands that register clients.
 *
 * @throws StartRefused with every problem at once.
 */
export function readAllowedAddresses(environment: Environment, readFile: ReadFile): readonly string[] {
  const problems: string[] = []
  const complain: Complain = (problem) => problems.push(problem)
  const names: readonly SettingName[] = ['LATCHKEY_DANGEROUSLY_ALLOW_PRIVATE_ADDRESSES']
  const given = parseSettings(settingsIn(environment, readFile, complain, names), complain)
  if (problems.length > 0) throw new StartRefused(problems)
  return given.LATCHKEY_DANGEROUSLY_ALLOW_PRIVATE_ADDRESSES ?? []
}

/**
 * Reads what secrets of clients are encrypted with, for commands that register them.
 *
 * @throws StartRefused with every problem at once.
 */
export function readMasterKeys(
  environment: Environment,
  readFile: ReadFile,
): Pick<SigningSettings, 'masterKey' | 'previousMasterKey'> {
  const problems: string[] = []
  const complain: Complain = (problem) => problems.push(problem)
  const names: readonly SettingName[] = ['LATCHKEY_MASTER_KEY', 'LATCHKEY_MASTER_KEY_PREVIOUS']
  const given = parseSettings(settingsIn(environment, readFile, complain, names), complain)
  if (problems.length > 0) throw new StartRefused(problems)
  return { masterKey: given.LATCHKEY_MASTER_KEY, previousMasterKey: given.LATCHKEY_MASTER_KEY_PREVIOUS }
}

const KEY_SETTINGS: readonly SettingName[] = [
  ...STORAGE_SETTINGS,
  'LATCHKEY_SIGNING_ALG',
  'LATCHKEY_SIGNING_KEY',
  'LATCHKEY_JWT_SECRET',
  'LATCHKEY_MASTER_KEY',
  'LATCHKEY_MASTER_KEY_PREVIOUS',
]

/**
 * Reads where signing keys are kept and how they are sealed, for commands that look after them.
 *
 * @throws StartRefused with every problem at once.
 */
export function readKeyConfig(environment: Environment, readFile: ReadFile): Pick<Config, 'clientStorage' | 'signing'> {
  const problems: string[] = []
  const complain: Complain = (problem) => problems.push(problem)
  const given = parseSettings(settingsIn(environment, readFile, complain, KEY_SETTINGS), complain)
  const signing = signingOf(given, readFile, complain)
  if (problems.length > 0) throw new StartRefused(problems)
  return { clientStorage: storageOf(given, 'LATCHKEY_CLIENT_STORAGE'), signing }
}

/** A server that only this machine can reach needs no name that the world knows; any other must be given one. */
function defaultIssuer(host: string, port: number, tls: TlsKeyPair | undefined, complain: Complain): string {
  if (!isLoopback(host === '::1' ? '[::1]' : host))
    complain(`LATCHKEY_ISSUER is required when LATCHKEY_HOST is ${host}: no other machine knows this one as localhost`)
  else if (port === 0) complain('LATCHKEY_ISSUER is required when LATCHKEY_PORT is 0: the issuer holds the port')
  return `${tls === undefined ? 'http' : 'https'}://localhost:${port}`
}

function dpopOf(given: GivenSettings, complain: Complain): DpopOptions | undefined {
  const { LATCHKEY_DPOP_NONCE_REQUIRED: requireNonce } = given
  const { LATCHKEY_DPOP_NONCE_SECRET: nonceSecret, LATCHKEY_DPOP_NONCE_SECRET_PREVIOUS: previousNonceSecret } = given
  if (previousNonceSecret !== undefined && nonceSecret === undefined)
    complain('LATCHKEY_DPOP_NONCE_SECRET_PREVIOUS needs LATCHKEY_DPOP_NONCE_SECRET')
  const nothing = requireNonce === undefined && nonceSecret === undefined
  return nothing ? undefined : { requireNonce, nonceSecret, previousNonceSecret }
}

function remoteOf(given: GivenSettings, readFile: ReadFile, complain: Complain): RemoteSettings {
  const { LATCHKEY_REMOTE_CA: ca, LATCHKEY_DANGEROUSLY_ALLOW_PRIVATE_ADDRESSES: dangerouslyAllowPrivateAddresses } =
    given
  const extraCa = ca === undefined ? undefined : contentOf('LATCHKEY_REMOTE_CA', ca, readFile, complain)
  try {
    // The library passes over what is no PEM; a certificate that nobody reads would be missed much later.
    if (extraCa !== undefined) new X509Certificate(extraCa)
  } catch {
    complain('LATCHKEY_REMOTE_CA does not begin with a certificate in PEM')
  }
  return { extraCa, dangerouslyAllowPrivateAddresses }
}

function storageOf(given: GivenSettings, half: 'LATCHKEY_CLIENT_STORAGE' | 'LATCHKEY_TOKEN_STORAGE'): StorageSetting {
  const own = given[half]
  return own === undefined
    ? { setting: 'LATCHKEY_STORAGE', storage: given.LATCHKEY_STORAGE ?? DEFAULT_STORAGE }
    : { setting: half, storage: own }
}
