import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { applyClientsFile, type ClientsFileDeps } from './clients-file.ts'
import { compose, type ServiceParts } from './composition-root.ts'
import type { Config } from './config/config.ts'
import type { ReadFile } from './config/environment.ts'
import { checkListedClients, checkOpened } from './fapi2/check-start.ts'
import { loadHooks } from './hooks.ts'
import type { Log } from './log/log.ts'
import { checkMutualTls } from './mutual-tls.ts'
import { reachableAddresses } from './remote/reachable-addresses.ts'
import { checkResourceAlgorithms } from './resource-algorithms.ts'
import { secretSealOf } from './secret-seal.ts'
import { prepareLastAnswers } from './server/last-answers.ts'
import { watchSilentConnections } from './server/silent-connections.ts'
import { followTlsFiles } from './server/tls-files.ts'
import { openSigning, type Signing } from './signing.ts'
import { StartRefused } from './start-refused.ts'
import { checkStatusList } from './status-list.ts'
import { withClientCache } from './storage/client-cache.ts'
import { migrateAtStart } from './storage/migrate-at-start.ts'
import { openStorage } from './storage/open-storage.ts'
import type { Storage } from './storage/storage.ts'
import { refuseForgetfulStorage } from './workers/refuse-forgetful-storage.ts'

/** The service, listening. */
export interface Service extends ServiceParts {
  readonly storage: Storage
  readonly signing: Signing
  /** Where it listens, such as `http://127.0.0.1:4000`. */
  readonly address: string
  /**
   * Ends it: it is not ready any more and, after its grace, takes no new connections, finishes the requests under way, writes down what core
   * has noted, and closes the adapters. Rejects when one of these fails. Idempotent.
   */
  close(): Promise<void>
}

/** What {@link startService} takes. */
export interface ServiceDeps {
  readonly config: Config
  readonly log: Log
  /** From which adapter modules are found. */
  readonly directory: string
  readonly readFile: ReadFile
  /**
   * How long the service still answers once it is told to end, in milliseconds: it is not ready then, and each answer is
   * the last of its connection. None by default.
   */
  readonly graceMs?: number
  /** How often the files of TLS are looked at, in milliseconds: five seconds by default. */
  readonly tlsFilesEveryMs?: number
  /** Called between opening the storage and listening. */
  readonly prepare?: (storage: Storage) => Promise<void>
  /** Whether another process has looked at what is registered, and told what is to be told of it. */
  readonly isPrepared?: boolean
}

/** How long requests under way may take once the service ends, in milliseconds. */
const DRAIN_MS = 10_000

/**
 * Opens the storage, migrates it where the settings allow that, writes the clients file to it, and listens.
 *
 * @throws StartRefused with what is in the way; whatever was opened is closed again.
 */
export async function startService(deps: ServiceDeps): Promise<Service> {
  const service = await openService(deps)
  try {
    return { ...service, address: await listen(service.app, deps.config) }
  } catch (error) {
    await service.app.close()
    throw error
  }
}

/**
 * Does all of {@link startService} but listening.
 *
 * @throws StartRefused with what is in the way; whatever was opened is closed again.
 */
export async function openService(deps: ServiceDeps): Promise<Omit<Service, 'address'>> {
  const { config, log, directory, readFile, graceMs = 0, tlsFilesEveryMs = 5000, prepare, isPrepared = false } = deps
  const hooks = await loadHooks(config.hooks, directory)
  const opened = await openStorage(config, { directory })
  let storage = opened
  let signing: Signing | undefined
  try {
    refuseForgetfulStorage(opened, config)
    await migrateAtStart(opened, { config, log })
    warnOfLonelyNonces(opened, { config, log })
    checkListedClients(config, readFile)
    checkMutualTls({ config, readFile })
    // First of what takes the master key: with a wrong one nothing must be sealed that the other nodes could not open.
    signing = await openSigning({ config, storage: opened, log })
    const secretSeal = secretSealOf(config, opened)
    if (config.clientsFile !== undefined)
      await registerClients(config.clientsFile, opened, { config, log, readFile, secretSeal })
    await prepare?.(opened)
    checkOpened({ config, storage: opened, signing })
    if (!isPrepared) await checkResourceAlgorithms({ config, storage: opened, signing, log, readFile })
    checkStatusList({ config, storage: opened, signing })
    const { close: closeSigning } = signing
    storage = withClientCache(opened, { config, log })
    const parts = compose({ config, log, storage, signing, secretSeal, hooks })
    const { app, server, readiness } = parts
    const closeSilentConnections = watchSilentConnections(app.server, config.tls ? 'secureConnection' : 'connection')
    app.addHook('preClose', (done) => {
      closeSilentConnections()
      setTimeout(() => app.server.closeAllConnections(), DRAIN_MS).unref()
      done()
    })
    const leaveTlsFiles = followTlsFiles(app.server, { config, log, everyMs: tlsFilesEveryMs })
    app.addHook('onClose', async () => {
      leaveTlsFiles()
      await closeSigning()
      await server.close()
      await storage.close()
    })
    const giveLastAnswers = prepareLastAnswers(app.server)
    return {
      ...parts,
      storage,
      signing,
      async close() {
        readiness.end()
        giveLastAnswers()
        if (graceMs > 0) await pause(graceMs)
        await app.close()
      },
    }
  } catch (error) {
    await signing?.close()
    await storage.close()
    throw error
  }
}

/** What a start changed in a storage that lasts is told: another version of the file may have said otherwise. */
async function registerClients(
  path: string,
  { clients, resources, forgetsClients: forgetful }: Storage,
  {
    config,
    log,
    readFile,
    secretSeal,
  }: Pick<ServiceDeps, 'config' | 'log' | 'readFile'> & Pick<ClientsFileDeps, 'secretSeal'>,
): Promise<void> {
  const { clients: applied, resources: appliedResources } = await applyClientsFile(path, {
    clients,
    resources,
    forgetful,
    readFile,
    secretSeal,
    isReachable: reachableAddresses(config.remoteDocuments.dangerouslyAllowPrivateAddresses),
  })
  for (const { id: clientId, change, members } of applied)
    if (!forgetful && change !== 'same')
      log.info({ event: 'client_of_file', clientId, change, ...(change === 'changed' && { members }) })
  for (const { identifier: resource, change, members } of appliedResources)
    if (!forgetful && change !== 'same')
      log.info({ event: 'resource_of_file', resource, change, ...(change === 'changed' && { members }) })
  const chosen = applied.filter(({ hasHumanChosenSecret }) => hasHumanChosenSecret).map(({ id }) => `"${id}"`)
  if (config.generatedSecretsOnly && chosen.length > 0)
    log.warn(
      { event: 'warning' },
      `LATCHKEY_GENERATED_SECRETS_ONLY is on, so a secret that a person chose is refused: ${chosen.join(', ')} of the clients file ${chosen.length === 1 ? 'has' : 'have'} one`,
    )
}

/** A storage that other nodes may share: with a secret of its own each of them would refuse the nonces of the others. */
function warnOfLonelyNonces({ forgetsTokens }: Storage, { config, log }: Pick<ServiceDeps, 'config' | 'log'>): void {
  if (config.dpop?.requireNonce !== true || config.dpop.nonceSecret !== undefined || forgetsTokens) return
  log.warn(
    { event: 'warning' },
    'LATCHKEY_DPOP_NONCE_REQUIRED is on without LATCHKEY_DPOP_NONCE_SECRET: a nonce counts on the node that gave it out alone, so there must be only one',
  )
}

async function listen(app: FastifyInstance, { host, port, tls }: Config): Promise<string> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    const reason = REASONS[(error as { readonly code?: string }).code ?? '']
    if (reason === undefined) throw error
    throw new StartRefused([reason(host, port)], { cause: error })
  }
  const { address, family, port: actualPort } = app.server.address() as AddressInfo
  return `${tls ? 'https' : 'http'}://${family === 'IPv6' ? `[${address}]` : address}:${actualPort}`
}

const REASONS: Readonly<Record<string, (host: string, port: number) => string>> = {
  EADDRINUSE: (host, port) => `LATCHKEY_PORT: port ${port} of ${host} is in use`,
  EACCES: (_host, port) => `LATCHKEY_PORT: this user may not listen on port ${port}`,
  EADDRNOTAVAIL: (host) => `LATCHKEY_HOST: ${host} is no address of this machine`,
  ENOTFOUND: (host) => `LATCHKEY_HOST: there is no host called ${host}`,
  EAI_AGAIN: (host) => `LATCHKEY_HOST: the address of ${host} cannot be looked up`,
}
