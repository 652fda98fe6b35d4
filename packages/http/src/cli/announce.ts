import type { Config } from '../config/config.ts'
import type { Log } from '../log/log.ts'
import type { Service } from '../service.ts'
import { workerCount } from '../workers/worker-count.ts'

/** Says what has started, and warns of what must not go into production unnoticed. */
export function announce(
  { server, storage, signing, address }: Pick<Service, 'server' | 'storage' | 'signing' | 'address'>,
  config: Config,
  log: Log,
): void {
  const { issuer, metadata } = server
  log.info(
    {
      event: 'started',
      issuer,
      profile: config.profile,
      address,
      workers: workerCount(config.workers),
      clientStorage: storage.shown.clients,
      tokenStorage: storage.shown.tokens,
      tokenEndpoint: metadata.token_endpoint,
      introspectionEndpoint: metadata.introspection_endpoint,
      revocationEndpoint: metadata.revocation_endpoint,
      jwksUri: metadata.jwks_uri,
    },
    `Latchkey listens at ${address}`,
  )
  for (const warning of warningsOf(storage, signing, config)) log.warn({ event: 'warning' }, warning)
}

/** What must not go into production unnoticed, whatever is stored where. */
export function* warningsOfConfig(config: Pick<Config, 'issuer' | 'allowInsecureHttp'>): Generator<string> {
  if (config.issuer.startsWith('http:'))
    yield `FOR DEVELOPMENT ONLY: the issuer ${config.issuer} is plain http, so secrets and tokens are not encrypted. Set LATCHKEY_ISSUER to an https URL`
  if (config.allowInsecureHttp)
    yield 'LATCHKEY_ALLOW_INSECURE_HTTP is on: secrets and tokens may be read on the way by anybody'
}

function* warningsOf(
  { forgetsClients, forgetsTokens, warnings }: Service['storage'],
  { forgetsKeys, jwtSecret }: Service['signing'],
  config: Config,
): Generator<string> {
  yield* warningsOfConfig(config)
  if (forgetsClients && config.clientsFile === undefined)
    yield `CLIENTS ARE FORGOTTEN when this process ends: ${config.clientStorage.setting} keeps them in memory, and LATCHKEY_CLIENTS_FILE is not set`
  if (forgetsTokens)
    yield `TOKENS AND REVOCATIONS ARE FORGOTTEN when this process ends: ${config.tokenStorage.setting} keeps them in memory`
  if (forgetsKeys && config.accessTokenFormat === 'jwt')
    yield `SIGNING KEYS ARE FORGOTTEN when this process ends, and every JWT is refused from then on: ${config.clientStorage.setting} keeps them in memory`
  if (forgetsTokens && !forgetsKeys && config.accessTokenFormat === 'jwt')
    yield 'A REVOCATION OF A JWT IS KNOWN TO THIS PROCESS ALONE: on several nodes the token storage must be one that they share'
  if (jwtSecret !== undefined) yield 'LATCHKEY_JWT_SECRET is set: every API that can verify a token can also make one'
  yield* warnings
}
