import { createRequire } from 'node:module'
import { type AuthorizationServer, createAuthorizationServer, type SecretSeal } from '@latchkey/core'
import type { FastifyInstance } from 'fastify'
import type { DependencyContainer } from 'tsyringe'
import { createApp } from './app.ts'
import type { Config } from './config/config.ts'
import type { Hooks } from './hooks.ts'
import {
  APP,
  AUTHORIZATION_SERVER,
  CONFIG,
  HOOKS,
  LOG,
  READINESS,
  SECRET_SEAL,
  SIGNING,
  STORAGE,
} from './injection-tokens.ts'
import { createEventLog } from './log/event-log.ts'
import type { Log } from './log/log.ts'
import { createReadiness, type Readiness } from './readiness.ts'
import { lateRemoteDocuments } from './remote/late-remote-documents.ts'
import type { Signing } from './signing.ts'
import type { Storage } from './storage/storage.ts'

const require = createRequire(import.meta.url)
require('reflect-metadata/lite')
const { container, instanceCachingFactory } = require('tsyringe') as typeof import('tsyringe')

/** What the service is made of, and what must be there before it. */
export interface CompositionDeps {
  readonly config: Config
  readonly log: Log
  readonly storage: Storage
  readonly signing: Signing
  /** Opens the secrets by which clients sign; without it no such client gets in. */
  readonly secretSeal: SecretSeal | undefined
  readonly hooks: Hooks
}

/** The service's parts, wired; nothing listens yet. */
export interface ServiceParts {
  readonly app: FastifyInstance
  readonly server: AuthorizationServer
  readonly readiness: Readiness
}

/**
 * Wires the service: the one place that knows how its parts fit together. Every part is made once.
 *
 * @throws TypeError when core refuses an option.
 */
export function compose({ config, log, storage, signing, secretSeal, hooks }: CompositionDeps): ServiceParts {
  const parts = container.createChildContainer()
  parts.register(CONFIG, { useValue: config })
  parts.register(LOG, { useValue: log })
  parts.register(STORAGE, { useValue: storage })
  parts.register(SIGNING, { useValue: signing })
  // No value is none to the container, and a function that returns none is something.
  parts.register(SECRET_SEAL, { useFactory: () => secretSeal })
  parts.register(HOOKS, { useValue: hooks })
  parts.register(READINESS, { useFactory: instanceCachingFactory(readinessOf) })
  parts.register(AUTHORIZATION_SERVER, { useFactory: instanceCachingFactory(serverOf) })
  parts.register(APP, { useFactory: instanceCachingFactory(appOf) })
  return {
    app: parts.resolve(APP),
    server: parts.resolve(AUTHORIZATION_SERVER),
    readiness: parts.resolve(READINESS),
  }
}

const readinessOf = (parts: DependencyContainer) =>
  createReadiness({ adapters: parts.resolve(STORAGE).adapters, log: parts.resolve(LOG) })

function serverOf(parts: DependencyContainer) {
  const config = parts.resolve(CONFIG)
  const { issuer, accessTokenFormat, accessTokenTtl, defaultAudience, generatedSecretsOnly, profile, dpop, mutualTls } =
    config
  const { requestClients, tokens, resources, requestResources, replays, credentialUses, statusIndexes } =
    parts.resolve(STORAGE)
  const { signer, jwtSecret, encryption } = parts.resolve(SIGNING)
  const { claims } = parts.resolve(HOOKS)
  return createAuthorizationServer({
    issuer,
    clients: requestClients,
    tokens,
    resources: requestResources,
    protectedResources: config.advertiseResources ? resources : undefined,
    replays,
    remoteDocuments: lateRemoteDocuments(config.remoteDocuments),
    secretSeal: parts.resolve(SECRET_SEAL),
    maxAssertionLifetime: config.maxAssertionLifetime,
    credentialUses,
    accessTokenFormat,
    signer,
    jwtSecret,
    accessTokenEncryption: encryption,
    statusList:
      config.statusList && statusIndexes ? { indexes: statusIndexes, ttlSeconds: config.statusListTtl } : undefined,
    claims,
    accessTokenLifetime: accessTokenTtl,
    defaultAudience,
    generatedSecretsOnly,
    profile,
    dpop,
    mutualTls: mutualTls && { origin: mutualTls.origin },
    onEvent: createEventLog(parts.resolve(LOG)),
  })
}

const appOf = (parts: DependencyContainer) =>
  createApp({
    server: parts.resolve(AUTHORIZATION_SERVER),
    readiness: parts.resolve(READINESS),
    log: parts.resolve(LOG),
    settings: parts.resolve(CONFIG),
  })
