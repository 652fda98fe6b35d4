import type { Config } from '../config/config.ts'
import type { Log } from '../log/log.ts'
import type { Service } from '../service.ts'

/** Says what has started, and warns of what must not go into production unnoticed. */
export function announce({ server, storage, address }: Service, config: Config, log: Log): void {
  const { issuer, metadata } = server
  log.info(
    {
      event: 'started',
      issuer,
      address,
      clientStorage: storage.shown.clients,
      tokenStorage: storage.shown.tokens,
      tokenEndpoint: metadata.token_endpoint,
      introspectionEndpoint: metadata.introspection_endpoint,
      revocationEndpoint: metadata.revocation_endpoint,
    },
    `Latchkey listens at ${address}`,
  )
  for (const warning of warningsOf(storage, config)) log.warn({ event: 'warning' }, warning)
}

/** What must not go into production unnoticed, whatever is stored where. */
export function* warningsOfConfig(config: Pick<Config, 'issuer' | 'allowInsecureHttp'>): Generator<string> {
  if (config.issuer.startsWith('http:'))
    yield `FOR DEVELOPMENT ONLY: the issuer ${config.issuer} is plain http, so secrets and tokens are not encrypted. Set LATCHKEY_ISSUER to an https URL`
  if (config.allowInsecureHttp)
    yield 'LATCHKEY_ALLOW_INSECURE_HTTP is on: secrets and tokens may be read on the way by anybody'
}

function* warningsOf({ forgetsClients, forgetsTokens }: Service['storage'], config: Config): Generator<string> {
  yield* warningsOfConfig(config)
  if (forgetsClients && config.clientsFile === undefined)
    yield `CLIENTS ARE FORGOTTEN when this process ends: ${config.clientStorage.setting} keeps them in memory, and LATCHKEY_CLIENTS_FILE is not set`
  if (forgetsTokens)
    yield `TOKENS AND REVOCATIONS ARE FORGOTTEN when this process ends: ${config.tokenStorage.setting} keeps them in memory`
}
