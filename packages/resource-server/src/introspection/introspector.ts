import { type JsonObject, type OAuthError, tokenIdOf } from '@latchkey/core'
import { cannotKnow } from '../cannot-know.ts'
import type { CachedDocument } from '../remote/cached-document.ts'
import type { DocumentFetch } from '../remote/document-fetch.ts'
import type { IssuerMetadata } from '../remote/issuer-metadata.ts'
import type { IntrospectionCache } from './introspection-cache.ts'

/** Asks the issuer about tokens (RFC 7662). */
export interface Introspector {
  /**
   * What the issuer says of an active token; `undefined` for one that it says is inactive.
   *
   * @throws OAuthError `temporarily_unavailable` when it says neither.
   */
  introspect(token: string): Promise<JsonObject | undefined>
}

/** What {@link createIntrospector} takes. */
export interface IntrospectorDeps {
  readonly metadata: CachedDocument<IssuerMetadata>
  readonly fetchDocument: DocumentFetch
  readonly cache: IntrospectionCache
  readonly clientId: string
  readonly clientSecret: string
  /** Whether requests for one token at the same time share one answer. */
  readonly share: boolean
  /** Hears of each question that got no answer. */
  onFailure(failure: OAuthError): void
}

/** Questions that may be under way at once: whoever floods an API with made-up tokens floods the issuer no further than this. */
const MAX_UNDER_WAY = 64

/** Asks, and remembers for as long as the cache does. What failed is never remembered. */
export function createIntrospector(deps: IntrospectorDeps): Introspector {
  const { metadata, fetchDocument, cache, share } = deps
  const authorization = basicCredentials(deps.clientId, deps.clientSecret)
  const shared = new Map<string, Promise<JsonObject | undefined>>()
  let underWay = 0

  async function ask(token: string, id: string): Promise<JsonObject | undefined> {
    const { introspectionEndpoint: url } = await metadata.get()
    if (url === undefined) throw cannotKnow('introspection: the issuer has no such endpoint')
    if (underWay >= MAX_UNDER_WAY) throw cannotKnow(`introspection: ${MAX_UNDER_WAY} questions are under way already`)
    underWay += 1
    try {
      const form = new URLSearchParams({ token, token_type_hint: 'access_token' })
      const { document } = await fetchDocument({ url, form, headers: { authorization } })
      if (typeof document['active'] !== 'boolean') throw new TypeError('the answer does not say whether it is active')
      if (!document['active']) return undefined
      cache.set(id, document)
      return document
    } catch (error) {
      const failure = cannotKnow(`introspection: ${(error as Error).message}`, error)
      deps.onFailure(failure)
      throw failure
    } finally {
      underWay -= 1
    }
  }

  return {
    async introspect(token) {
      // The digest, so that no memory of ours holds tokens in clear.
      const id = tokenIdOf(token)
      const known = cache.get(id)
      if (known !== undefined) return known
      // What was asked before this request came may be older than a revocation that it should see.
      if (!share) return ask(token, id)
      const asked = shared.get(id) ?? ask(token, id).finally(() => shared.delete(id))
      shared.set(id, asked)
      return asked
    },
  }
}

/** RFC 6749 §2.3.1: each part as in a form, then both as in Basic. */
function basicCredentials(clientId: string, clientSecret: string): string {
  const encoded = [clientId, clientSecret].map((part) => new URLSearchParams({ '': part }).toString().slice(1))
  return `Basic ${btoa(encoded.join(':'))}`
}
