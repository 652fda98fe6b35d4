import type { JwksCredential, JwksUriCredential, TrustedIssuerCredential } from '../domain/credential.ts'
import type { RegisteredKey } from '../domain/registered-key.ts'
import { readKeySet } from '../jose/key-set.ts'
import type { Clock } from '../ports/clock.ts'
import type { RefusedDocument, RemoteDocument, RemoteDocuments } from '../ports/remote-documents.ts'
import { discoveryAddressOf, readIssuerMetadata } from '../protocol/issuer-metadata.ts'

/** A credential that stands for keys, wherever they are. */
export type KeysCredential = JwksCredential | JwksUriCredential | TrustedIssuerCredential

/** The keys of clients, and of the issuers that they are registered with. */
export interface KeySets {
  /**
   * The keys that a credential stands for now; none where what is published is no set of keys, or nobody fetches it.
   *
   * @param isEnough whether what is looked for is there. Where it is not, published keys are fetched anew, once a minute for
   * each client: a key may have been published after they were fetched.
   * @throws OAuthError `temporarily_unavailable` when the host does not answer and has given nothing lately.
   */
  keysOf(
    credential: KeysCredential,
    clientId: string,
    isEnough: (keys: readonly RegisteredKey[]) => boolean,
  ): Promise<readonly RegisteredKey[]>
}

/** What {@link createKeySets} takes. */
export interface KeySetsDeps {
  /** Without it published keys are nobody's. */
  readonly documents: RemoteDocuments | undefined
  readonly clock: Clock
}

/** How often keys are fetched anew for one client because one is missing, in seconds. */
const REFETCH_EVERY = 60
/** For how many clients it is remembered when that was. */
const MOST_REFETCHED = 10_000

const NO_KEYS: readonly RegisteredKey[] = []

/** Finds keys where they are, and reads each document once. */
export function createKeySets({ documents, clock }: KeySetsDeps): KeySets {
  const refetched = new Map<string, number>()
  const underWay = new Map<string, Promise<readonly RegisteredKey[]>>()

  function mayRefetch(clientId: string): boolean {
    const now = clock.now()
    if (now < (refetched.get(clientId) ?? Number.NEGATIVE_INFINITY) + REFETCH_EVERY) return false
    refetched.delete(clientId)
    refetched.set(clientId, now)
    const [oldest] = refetched.keys()
    if (refetched.size > MOST_REFETCHED && oldest !== undefined) refetched.delete(oldest)
    return true
  }

  function fetchAnew(address: string, from: RemoteDocuments): Promise<readonly RegisteredKey[]> {
    const fetching = from
      .refetch(address)
      .then(keysIn)
      .finally(() => underWay.delete(address))
    underWay.set(address, fetching)
    return fetching
  }

  return {
    async keysOf(credential, clientId, isEnough) {
      if (credential.kind === 'jwks') return credential.keys
      if (documents === undefined) return NO_KEYS
      const address = await addressOf(credential, documents)
      if (address === undefined) return NO_KEYS
      const keys = keysIn(await documents.find(address))
      if (isEnough(keys)) return keys
      // A host that has new keys has them for all who ask at a time, and for who asks as they arrive.
      const joined = underWay.get(address)
      if (joined !== undefined) return joined
      return mayRefetch(clientId) ? fetchAnew(address, documents) : keysIn(await documents.find(address))
    },
  }
}

/** Where the keys are. That of an issuer says itself where, under its own name (OpenID Connect Discovery 1.0 §4). */
async function addressOf(
  credential: JwksUriCredential | TrustedIssuerCredential,
  documents: RemoteDocuments,
): Promise<string | undefined> {
  if (credential.kind === 'jwks_uri') return credential.uri
  const { issuer } = credential
  const document = await documents.find(discoveryAddressOf(issuer))
  return 'text' in document ? readIssuerMetadata(document.text, issuer)?.jwksUri : undefined
}

/** The port gives the same object as long as it is the same document. */
const read = new WeakMap<RemoteDocument, readonly RegisteredKey[]>()

function keysIn(document: RemoteDocument | RefusedDocument): readonly RegisteredKey[] {
  if (!('text' in document)) return NO_KEYS
  const known = read.get(document)
  if (known !== undefined) return known
  const found = readKeySet(document.text)
  const keys = typeof found === 'string' ? NO_KEYS : found
  read.set(document, keys)
  return keys
}
