import { sha256 } from '../crypto.ts'
import type { PublishedKey, Signer } from '../ports/signer.ts'
import type { EndpointResponse } from './endpoint-response.ts'

/** What a request for the keys may say. */
export interface JwksRequest {
  /** The value of `If-None-Match`, the lines of the field joined with commas (RFC 9110 §13.1.2). */
  readonly ifNoneMatch: string | undefined
}

/** Answers requests for the published keys (RFC 7517 §5). */
export type JwksEndpoint = (request: JwksRequest) => EndpointResponse

/** The members that a public half may have (RFC 7518 §6.2.1, §6.3.1, RFC 8037 §2): whatever else a key has stays here. */
const PUBLIC_MEMBERS = ['kty', 'crv', 'x', 'y', 'n', 'e'] as const

/** The document is made anew only when the keys have changed. */
export function createJwksEndpoint(signer: Signer): JwksEndpoint {
  const cacheControl = `public, max-age=${signer.publishedForSeconds}`
  let published = signer.publishedKeys()
  let present = documentOf(published, cacheControl)

  return ({ ifNoneMatch }) => {
    const keys = signer.publishedKeys()
    if (keys !== published) {
      present = documentOf(keys, cacheControl)
      published = keys
    }
    return ifNoneMatch !== undefined && matches(ifNoneMatch, present.etag) ? present.unchanged : present.full
  }
}

interface KeyDocument {
  readonly etag: string
  readonly full: EndpointResponse
  readonly unchanged: EndpointResponse
}

function documentOf(keys: readonly PublishedKey[], cacheControl: string): KeyDocument {
  const body = JSON.stringify({ keys: keys.map(publicJwkOf) })
  const etag = `"${sha256(body)}"`
  const headers = { 'cache-control': cacheControl, etag }
  return {
    etag,
    full: { status: 200, headers: { 'content-type': 'application/jwk-set+json', ...headers }, body },
    unchanged: { status: 304, headers, body: '' },
  }
}

const publicJwkOf = ({ kid, alg, publicKey }: PublishedKey): object => ({
  kid,
  use: 'sig',
  alg,
  ...Object.fromEntries(PUBLIC_MEMBERS.flatMap((name) => (name in publicKey ? [[name, publicKey[name]]] : []))),
})

/** Weak comparison (RFC 9110 §8.8.3.2): a proxy that packed the document made the tag weak. */
const matches = (ifNoneMatch: string, etag: string): boolean =>
  ifNoneMatch.split(',').some((tag) => {
    const trimmed = tag.trim()
    return trimmed === '*' || trimmed.replace(/^W\//, '') === etag
  })
