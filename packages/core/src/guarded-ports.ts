import type { AssertionKeys } from './client-auth/assertion-keys.ts'
import type { KeySets } from './client-auth/key-sets.ts'
import { createDeadline } from './deadline.ts'
import { CLIENT_ID_PATTERN } from './domain/client.ts'
import { readableClient, readableKeySet, readableResource, readableToken } from './domain/readable-records.ts'
import { isResourceIdentifier } from './domain/resource.ts'
import { OAuthError } from './errors.ts'
import type { ClientRepository } from './ports/client-repository.ts'
import type { CredentialUses } from './ports/credential-uses.ts'
import type { RemoteDocuments } from './ports/remote-documents.ts'
import type { ReplayGuard } from './ports/replay-guard.ts'
import type { ResourceRegistry } from './ports/resource-registry.ts'
import type { ResourceRepository } from './ports/resource-repository.ts'
import type { SecretSeal } from './ports/secret-seal.ts'
import type { Signer, SigningKey } from './ports/signer.ts'
import type { SigningKeyStore } from './ports/signing-key-store.ts'
import type { StatusIndexes } from './ports/status-indexes.ts'
import type { TokenStore } from './ports/token-store.ts'

/** A backend that has not answered by then is away, whatever its connection says: the client gets its 503 within three seconds. */
const withinTime = createDeadline(2500)
const withinASecond = createDeadline(1000)

/** How long a client should wait for a backend to come back, in seconds. */
const RETRY_AFTER_SECONDS = 2

/**
 * Turns whatever a port throws into `temporarily_unavailable`, in one place, so that no endpoint can mistake a backend
 * that is away for a token that is unknown.
 */
async function fromBackend<T>(port: string, call: () => Promise<T>): Promise<T> {
  try {
    return await withinTime(call)
  } catch (cause) {
    throw new OAuthError('temporarily_unavailable', 'try again in a moment', {
      reason: `${port} failed: ${cause instanceof Error ? cause.message : 'it threw what is no error'}`,
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      cause,
    })
  }
}

/** A repository that is asked only for ids that can be registered, and whose broken records are failures. */
export const guardClients = (clients: ClientRepository): ClientRepository => ({
  find: async (id) =>
    CLIENT_ID_PATTERN.test(id)
      ? fromBackend('ClientRepository.find', async () => readableClient(await clients.find(id), id))
      : undefined,
})

/** A repository that is asked only for identifiers that can be registered, and whose broken records are failures. */
export const guardResources = (resources: ResourceRepository): ResourceRepository => ({
  find: async (identifier) =>
    isResourceIdentifier(identifier)
      ? fromBackend('ResourceRepository.find', async () =>
          readableResource(await resources.find(identifier), identifier),
        )
      : undefined,
})

/** Lists the identifiers of resources. Whoever reads metadata is not kept waiting for a list that need not be there. */
export const guardResourceList =
  (resources: Pick<ResourceRegistry, 'list'>) => async (): Promise<readonly string[]> => {
    const identifiers = (await withinASecond(() => resources.list())).map((resource) => resource?.identifier)
    if (identifiers.every(isResourceIdentifier)) return identifiers
    throw new TypeError('a record of a resource is broken')
  }

/** A store whose broken records are failures. */
export const guardTokens = (tokens: TokenStore): TokenStore => ({
  save: (record) => fromBackend('TokenStore.save', () => tokens.save(record)),
  find: (id) => fromBackend('TokenStore.find', async () => readableToken(await tokens.find(id), id)),
  revoke: (id, expiresAt) => fromBackend('TokenStore.revoke', () => tokens.revoke(id, expiresAt)),
  isRevoked: (id) =>
    fromBackend('TokenStore.isRevoked', async () => {
      const revoked: unknown = await tokens.isRevoked(id)
      if (typeof revoked === 'boolean') return revoked
      throw new TypeError('it answered neither yes nor no')
    }),
})

/** A guard that says yes or no: broken is never "not claimed yet". */
export const guardReplays = (replays: ReplayGuard): ReplayGuard => ({
  claim: (key, expiresAt) =>
    fromBackend('ReplayGuard.claim', async () => {
      const claimed: unknown = await replays.claim(key, expiresAt)
      if (typeof claimed === 'boolean') return claimed
      throw new TypeError('it answered neither yes nor no')
    }),
})

/** Indices whose broken answers are failures. */
export const guardStatusIndexes = (indexes: StatusIndexes): StatusIndexes => ({
  reserve: (count, expiresAt) => fromBackend('StatusIndexes.reserve', () => indexes.reserve(count, expiresAt)),
  revoke: (list, index) => fromBackend('StatusIndexes.revoke', () => indexes.revoke(list, index)),
  revoked: (list) =>
    fromBackend('StatusIndexes.revoked', async () => {
      const bits: unknown = await indexes.revoked(list)
      if (bits === undefined || bits instanceof Uint8Array) return bits
      throw new TypeError('it answered what are no bits')
    }),
})

/** Documents whose hosts, where they are away, are backends that are away. */
export const guardDocuments = (documents: RemoteDocuments): RemoteDocuments => ({
  find: (address) => fromBackend('RemoteDocuments.find', () => documents.find(address)),
  refetch: (address) => fromBackend('RemoteDocuments.refetch', () => documents.refetch(address)),
})

/**
 * Keys that are found in time, however many documents that takes: a host that is always almost too late would otherwise keep
 * a request waiting for each of them.
 */
export const guardAssertionKeys = (keys: AssertionKeys): AssertionKeys => ({
  candidatesFor: (...asked) => inTime('the search for keys', () => keys.candidatesFor(...asked)),
})

/** The same for each place where keys are. One whose host is away must not be in the way of what is had without it. */
export const guardKeySets = (keySets: KeySets): KeySets => ({
  keysOf: (...asked) =>
    inTime('the search for keys', () => keySets.keysOf(...asked)).catch((error: unknown) => {
      if (error instanceof OAuthError) return { keys: [], away: error }
      throw error
    }),
})

/** For what asks several ports: what one of them has failed by is told as it is. */
const inTime = <T>(what: string, call: () => Promise<T>): Promise<T> =>
  fromBackend(what, call).catch((error: unknown) => {
    throw error instanceof OAuthError && error.cause instanceof OAuthError ? error.cause : error
  })

/** A seal that answers in time; a secret that cannot be opened is a failure, and no mismatch. */
export const guardSeal = (seal: SecretSeal): SecretSeal => ({
  seal: (owner, secret) => fromBackend('SecretSeal.seal', () => seal.seal(owner, secret)),
  unseal: (owner, sealed) => fromBackend('SecretSeal.unseal', () => seal.unseal(owner, sealed)),
})

/** A store of signing keys whose broken sets are failures. */
export const guardKeys = (keys: SigningKeyStore): SigningKeyStore => ({
  list: () => fromBackend('SigningKeyStore.list', async () => readableKeySet(await keys.list())),
  add: (key, expectedGeneration) => fromBackend('SigningKeyStore.add', () => keys.add(key, expectedGeneration)),
  remove: (kid, expectedGeneration) =>
    fromBackend('SigningKeyStore.remove', () => keys.remove(kid, expectedGeneration)),
})

/** A signer that is not waited for longer than a backend is, and whose failures are those of one. */
export function guardSigner(signer: Signer): Signer {
  const guarded = new WeakMap<SigningKey, SigningKey>()

  function guard(key: SigningKey): SigningKey {
    const { kid, alg } = key
    const waited: SigningKey = { kid, alg, sign: (data) => fromBackend('Signer.sign', () => key.sign(data)) }
    guarded.set(key, waited)
    return waited
  }

  return {
    publishedForSeconds: signer.publishedForSeconds,
    longestTokenSeconds: signer.longestTokenSeconds,
    publishedKeys: () => signer.publishedKeys(),
    signingKey(now, alg) {
      const key = signer.signingKey(now, alg)
      return guarded.get(key) ?? guard(key)
    },
  }
}

/** Uses whose backend is given up when it never answers: whoever ends the server waits for the last batch. */
export const guardUses = (uses: CredentialUses): CredentialUses => ({
  record: (batch) => withinTime(() => uses.record(batch)),
  of: (clientId) => withinTime(() => uses.of(clientId)),
})
