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
const PATIENCE_MS = 2500
/** A list that is only told of need not be waited for that long. */
const PATIENCE_FOR_LISTS_MS = 1000

/** How long a client should wait for a backend to come back, in seconds. */
const RETRY_AFTER_SECONDS = 2

/** Asks a port, and judges what it answers. */
type Ask = <Found, Answer = Found>(call: () => Promise<Found>, judge?: (found: Found) => Answer) => Promise<Answer>

/**
 * Turns whatever a method of a port throws into `temporarily_unavailable`, in one place, so that no endpoint can mistake a
 * backend that is away for a token that is unknown.
 */
function askBackend(method: string): Ask {
  const withinTime = createDeadline(PATIENCE_MS)
  const failure = (cause: unknown): OAuthError =>
    new OAuthError('temporarily_unavailable', 'try again in a moment', {
      reason: `${method} failed: ${cause instanceof Error ? cause.message : 'it threw what is no error'}`,
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      cause,
    })
  return (call, judge) => withinTime(call, judge, failure)
}

const NOTHING: Promise<undefined> = Promise.resolve(undefined)

function yesOrNo(answer: unknown): boolean {
  if (typeof answer === 'boolean') return answer
  throw new TypeError('it answered neither yes nor no')
}

/** A repository that is asked only for ids that can be registered, and whose broken records are failures. */
export function guardClients(clients: ClientRepository): ClientRepository {
  const find = askBackend('ClientRepository.find')
  return {
    find: (id) =>
      CLIENT_ID_PATTERN.test(id)
        ? find(
            () => clients.find(id),
            (client) => readableClient(client, id),
          )
        : NOTHING,
  }
}

/** A repository that is asked only for identifiers that can be registered, and whose broken records are failures. */
export function guardResources(resources: ResourceRepository): ResourceRepository {
  const find = askBackend('ResourceRepository.find')
  return {
    find: (identifier) =>
      isResourceIdentifier(identifier)
        ? find(
            () => resources.find(identifier),
            (resource) => readableResource(resource, identifier),
          )
        : NOTHING,
  }
}

/** Lists the identifiers of resources. Whoever reads metadata is not kept waiting for a list that need not be there. */
export function guardResourceList(resources: Pick<ResourceRegistry, 'list'>): () => Promise<readonly string[]> {
  const withinTime = createDeadline(PATIENCE_FOR_LISTS_MS)
  return async () => {
    const identifiers = (await withinTime(() => resources.list())).map((resource) => resource?.identifier)
    if (identifiers.every(isResourceIdentifier)) return identifiers
    throw new TypeError('a record of a resource is broken')
  }
}

/** A store whose broken records are failures. */
export function guardTokens(tokens: TokenStore): TokenStore {
  const save = askBackend('TokenStore.save')
  const find = askBackend('TokenStore.find')
  const revoke = askBackend('TokenStore.revoke')
  const isRevoked = askBackend('TokenStore.isRevoked')
  return {
    save: (record) => save(() => tokens.save(record)),
    find: (id) =>
      find(
        () => tokens.find(id),
        (record) => readableToken(record, id),
      ),
    revoke: (id, expiresAt) => revoke(() => tokens.revoke(id, expiresAt)),
    isRevoked: (id) => isRevoked(() => tokens.isRevoked(id), yesOrNo),
  }
}

/** A guard that says yes or no: broken is never "not claimed yet". */
export function guardReplays(replays: ReplayGuard): ReplayGuard {
  const claim = askBackend('ReplayGuard.claim')
  return { claim: (key, expiresAt) => claim(() => replays.claim(key, expiresAt), yesOrNo) }
}

function bitsOrNone(bits: unknown): Uint8Array | undefined {
  if (bits === undefined || bits instanceof Uint8Array) return bits
  throw new TypeError('it answered what are no bits')
}

/** Indices whose broken answers are failures. */
export function guardStatusIndexes(indexes: StatusIndexes): StatusIndexes {
  const reserve = askBackend('StatusIndexes.reserve')
  const revoke = askBackend('StatusIndexes.revoke')
  const revoked = askBackend('StatusIndexes.revoked')
  return {
    reserve: (count, expiresAt) => reserve(() => indexes.reserve(count, expiresAt)),
    revoke: (list, index) => revoke(() => indexes.revoke(list, index)),
    revoked: (list) => revoked(() => indexes.revoked(list), bitsOrNone),
  }
}

/** Documents whose hosts, where they are away, are backends that are away. */
export function guardDocuments(documents: RemoteDocuments): RemoteDocuments {
  const find = askBackend('RemoteDocuments.find')
  const refetch = askBackend('RemoteDocuments.refetch')
  return {
    find: (address) => find(() => documents.find(address)),
    refetch: (address) => refetch(() => documents.refetch(address)),
  }
}

/**
 * Keys that are found in time, however many documents that takes: a host that is always almost too late would otherwise keep
 * a request waiting for each of them.
 */
export function guardAssertionKeys(keys: AssertionKeys): AssertionKeys {
  const inTime = searchForKeys()
  return { candidatesFor: (...asked) => inTime(() => keys.candidatesFor(...asked)) }
}

/** The same for each place where keys are. One whose host is away must not be in the way of what is had without it. */
export function guardKeySets(keySets: KeySets): KeySets {
  const inTime = searchForKeys()
  return {
    keysOf: (...asked) =>
      inTime(() => keySets.keysOf(...asked)).catch((error: unknown) => {
        if (error instanceof OAuthError) return { keys: [], away: error }
        throw error
      }),
  }
}

/** For what asks several ports: what one of them has failed by is told as it is. */
function searchForKeys(): <T>(call: () => Promise<T>) => Promise<T> {
  const search = askBackend('the search for keys')
  return (call) =>
    search(call).catch((error: unknown) => {
      throw error instanceof OAuthError && error.cause instanceof OAuthError ? error.cause : error
    })
}

/** A seal that answers in time; a secret that cannot be opened is a failure, and no mismatch. */
export function guardSeal(seal: SecretSeal): SecretSeal {
  const sealed = askBackend('SecretSeal.seal')
  const unsealed = askBackend('SecretSeal.unseal')
  return {
    seal: (owner, secret) => sealed(() => seal.seal(owner, secret)),
    unseal: (owner, text) => unsealed(() => seal.unseal(owner, text)),
  }
}

/** A store of signing keys whose broken sets are failures. */
export function guardKeys(keys: SigningKeyStore): SigningKeyStore {
  const list = askBackend('SigningKeyStore.list')
  const add = askBackend('SigningKeyStore.add')
  const remove = askBackend('SigningKeyStore.remove')
  return {
    list: () => list(() => keys.list(), readableKeySet),
    add: (key, expectedGeneration) => add(() => keys.add(key, expectedGeneration)),
    remove: (kid, expectedGeneration) => remove(() => keys.remove(kid, expectedGeneration)),
  }
}

/** A signer that is not waited for longer than a backend is, and whose failures are those of one. */
export function guardSigner(signer: Signer): Signer {
  const guarded = new WeakMap<SigningKey, SigningKey>()
  const signed = askBackend('Signer.sign')

  function guard(key: SigningKey): SigningKey {
    const { kid, alg } = key
    const waited: SigningKey = { kid, alg, sign: (data) => signed(() => key.sign(data)) }
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
export function guardUses(uses: CredentialUses): CredentialUses {
  const withinTime = createDeadline(PATIENCE_MS)
  return {
    record: (batch) => withinTime(() => uses.record(batch)),
    of: (clientId) => withinTime(() => uses.of(clientId)),
  }
}
