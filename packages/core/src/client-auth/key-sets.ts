import type { JwksCredential, JwksUriCredential, TrustedIssuerCredential } from '../domain/credential.ts'
import type { RegisteredKey } from '../domain/registered-key.ts'
import type { OAuthError } from '../errors.ts'
import { readKeySet } from '../jose/key-set.ts'
import type { Clock } from '../ports/clock.ts'
import type { RefusedDocument, RemoteDocument, RemoteDocuments } from '../ports/remote-documents.ts'
import { discoveryAddressOf, readIssuerMetadata } from '../protocol/issuer-metadata.ts'

/** A credential that stands for keys, wherever they are. */
export type KeysCredential = JwksCredential | JwksUriCredential | TrustedIssuerCredential

/** What a credential stands for at present. */
export interface FoundKeys {
  readonly keys: readonly RegisteredKey[]
  /** Why there are none, where nothing is published that could be taken for keys. For the operator. */
  readonly fault?: string
  /** What to fail by where nothing else will do: the host does not answer, and nobody knows what it publishes. */
  readonly away?: OAuthError
}

/** The keys of clients, and of the issuers that they are registered with. */
export interface KeySets {
  /**
   * The keys that a credential stands for now. A set that is published is the same object as long as it is the same document.
   *
   * @param isEnough whether what is looked for is there. Where it is not, published keys are fetched anew, once a minute for
   * each client: a key may have been published after they were fetched.
   * @throws OAuthError `temporarily_unavailable` when the host does not answer and has given nothing lately; guarded, it tells
   * so in `away`.
   */
  keysOf(
    credential: KeysCredential,
    clientId: string,
    isEnough: (keys: readonly RegisteredKey[]) => boolean,
  ): Promise<FoundKeys>
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

const nothing = (fault: string): FoundKeys => ({ keys: [], fault })

/** Finds keys where they are, and reads each document once. */
export function createKeySets({ documents, clock }: KeySetsDeps): KeySets {
  const refetched = new Map<string, number>()
  const underWay = new Map<string, Promise<FoundKeys>>()

  function mayRefetch(clientId: string): boolean {
    const now = clock.now()
    if (now < (refetched.get(clientId) ?? Number.NEGATIVE_INFINITY) + REFETCH_EVERY) return false
    refetched.delete(clientId)
    refetched.set(clientId, now)
    const [oldest] = refetched.keys()
    if (refetched.size > MOST_REFETCHED && oldest !== undefined) refetched.delete(oldest)
    return true
  }

  function fetchAnew(address: string, from: RemoteDocuments): Promise<FoundKeys> {
    const fetching = from
      .refetch(address)
      .then(keysIn)
      .finally(() => underWay.delete(address))
    underWay.set(address, fetching)
    return fetching
  }

  return {
    async keysOf(credential, clientId, isEnough) {
      if (credential.kind === 'jwks') return { keys: credential.keys }
      if (documents === undefined) return nothing('nobody here fetches keys that are published')
      const where = await addressOf(credential, documents)
      if (where.address === undefined) return nothing(where.fault)
      const { address } = where
      const found = keysIn(await documents.find(address))
      if (isEnough(found.keys)) return found
      // A host that has new keys has them for all who ask at a time, and for who asks as they arrive.
      const joined = underWay.get(address)
      if (joined !== undefined) return joined
      return mayRefetch(clientId) ? fetchAnew(address, documents) : keysIn(await documents.find(address))
    },
  }
}

type Where = { readonly address: string } | { readonly address?: never; readonly fault: string }

/** Where the keys are. An issuer says itself where its own are, under its name (OpenID Connect Discovery 1.0 §4). */
async function addressOf(
  credential: JwksUriCredential | TrustedIssuerCredential,
  documents: RemoteDocuments,
): Promise<Where> {
  if (credential.kind === 'jwks_uri') return { address: credential.uri }
  const { issuer } = credential
  const document = await documents.find(discoveryAddressOf(issuer))
  if (!('text' in document)) return { fault: `the metadata of the issuer cannot be had: ${document.reason}` }
  const address = readIssuerMetadata(document.text, issuer)?.jwksUri
  return address === undefined
    ? { fault: 'the metadata of the issuer is none, names another issuer, or has no https address for its keys' }
    : { address }
}

/** The port gives the same object as long as it is the same document. */
const read = new WeakMap<RemoteDocument, FoundKeys>()

function keysIn(document: RemoteDocument | RefusedDocument): FoundKeys {
  if (!('text' in document)) return nothing(`the keys that are published cannot be had: ${document.reason}`)
  const known = read.get(document)
  if (known !== undefined) return known
  const set = readKeySet(document.text)
  const found = typeof set === 'string' ? nothing(`the keys that are published are none: ${set}`) : { keys: set }
  read.set(document, found)
  return found
}
