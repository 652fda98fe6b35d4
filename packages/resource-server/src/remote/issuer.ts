import type { OAuthError, SigningAlgorithm, VerificationKey } from '@latchkey/core'
import { createIntrospectionCache } from '../introspection/introspection-cache.ts'
import { createIntrospector, type Introspector } from '../introspection/introspector.ts'
import { type KeySet, readKeySet } from '../jwt/key-set.ts'
import { STATUS_LIST_TYPE, verifySignedToken } from '../jwt/signed-token.ts'
import type { ResolvedOptions } from '../options.ts'
import { createStatusLists, type StatusLists } from '../status/status-lists.ts'
import { createCachedDocument } from './cached-document.ts'
import { createDocumentFetch, createTextFetch } from './document-fetch.ts'
import { type IssuerMetadata, loadIssuerMetadata } from './issuer-metadata.ts'

/** The authorization server, as far as an API has to do with it. */
export interface Issuer {
  /** The key that may have signed a token. @throws OAuthError `temporarily_unavailable` when nobody knows. */
  keyFor(keyId: string, algorithm: SigningAlgorithm): Promise<VerificationKey | undefined>
  /** What the issuer publishes of tokens that it has revoked. */
  readonly statusLists: StatusLists
  /** Where the API may ask about tokens. */
  readonly introspector: Introspector | undefined
}

/** Finds the issuer by its name, once somebody needs it: an API starts whether it is there or not. */
export function createIssuer(options: ResolvedOptions): Issuer {
  const { issuer, clock, outageSeconds, introspection } = options
  const fetchText = createTextFetch({
    fetch: options.fetch,
    timeoutMilliseconds: options.timeoutMilliseconds,
    allowLoopbackHttp: new URL(issuer).protocol === 'http:',
  })
  const fetchDocument = createDocumentFetch(fetchText)
  const onFailure = ({ reason = '', cause }: OAuthError): void =>
    options.onEvent({ type: 'issuer_unavailable', reason, cause })

  const metadata = createCachedDocument<IssuerMetadata>({
    name: 'metadata',
    load: () => loadIssuerMetadata(fetchDocument, issuer),
    clock,
    outageSeconds,
    onFailure,
  })
  const keys = createCachedDocument<KeySet>({
    name: 'keys',
    async load() {
      const { jwksUri: url } = await metadata.get()
      // An issuer that has no keys has signed nothing.
      if (url === undefined) return { value: readKeySet({ keys: [] }), maxAgeSeconds: undefined }
      const { document, maxAgeSeconds } = await fetchDocument({ url })
      return { value: readKeySet(document), maxAgeSeconds }
    },
    clock,
    outageSeconds,
    onFailure,
  })

  const keyFor: Issuer['keyFor'] = async (keyId, algorithm) => {
    const found = (await keys.get()).find(keyId, algorithm)
    // It may be a key that is newer than the set.
    return found ?? (await keys.renewed()).find(keyId, algorithm)
  }

  return {
    keyFor,
    statusLists: createStatusLists({
      issuer,
      clock,
      leewaySeconds: options.leewaySeconds,
      fetchText,
      verify: (token) =>
        verifySignedToken(token, {
          algorithms: options.algorithms,
          keyFor,
          typ: STATUS_LIST_TYPE,
          longest: token.length,
        }),
      onFailure,
    }),
    introspector:
      introspection &&
      createIntrospector({
        metadata,
        fetchDocument,
        cache: createIntrospectionCache({
          clock,
          seconds: introspection.cacheSeconds,
          maxEntries: introspection.maxCacheEntries,
        }),
        clientId: introspection.clientId,
        clientSecret: introspection.clientSecret,
        share: introspection.cacheSeconds > 0,
        onFailure,
      }),
  }
}
