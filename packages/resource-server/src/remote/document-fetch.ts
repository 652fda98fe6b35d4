import { isLoopback, type JsonObject, parseStrictJson } from '@latchkey/core'

/** The part of `fetch` that is used; the global one by default. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** A JSON object that another server answered with. */
export interface FetchedDocument {
  readonly document: JsonObject
  /** How long the server lets it be kept, in seconds, less the time that it spent in other caches; `undefined` where it does not say. */
  readonly maxAgeSeconds: number | undefined
}

/** Asks another server for a JSON object. */
export type DocumentFetch = (request: DocumentRequest) => Promise<FetchedDocument>

/** What is asked for. */
export interface DocumentRequest {
  readonly url: string
  /** Sent as a form with POST; without it the request is a GET. */
  readonly form?: URLSearchParams
  readonly headers?: Readonly<Record<string, string>>
}

/** A text that another server answered with. */
export interface FetchedText extends Pick<FetchedDocument, 'maxAgeSeconds'> {
  readonly text: string
}

/** Asks another server for a text. */
export type TextFetch = (request: TextRequest) => Promise<FetchedText>

/** What is asked for, and what the answer may be. */
export interface TextRequest extends DocumentRequest {
  /** What the media type of the answer must look like. */
  readonly type: RegExp
  /** In bytes, unpacked. */
  readonly longest: number
}

/** What {@link createTextFetch} takes. */
export interface DocumentFetchDeps {
  readonly fetch: Fetch
  /** For the whole answer, its last byte included. */
  readonly timeoutMilliseconds: number
  /** Plain http is spoken to a loopback host, and only where the issuer itself is one. */
  readonly allowLoopbackHttp: boolean
}

/** Longer than any key set or metadata in use, and short enough to be held by many at once. */
const MAX_BYTES = 256 * 1024

/** A media type whose content is JSON (RFC 6839 §3.1). */
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json *(?:;|$)/i

/**
 * Fetches from a server that may be slow, wrong or hostile: within a time, up to a size, without following redirects, and
 * over https. An answer that is not 200, not JSON or not an object is an error, and so is a member that is named twice.
 */
export function createDocumentFetch(fetchText: TextFetch): DocumentFetch {
  return async ({ url, form, headers }) => {
    const { text, maxAgeSeconds } = await fetchText({
      url,
      ...(form !== undefined && { form }),
      headers: { accept: 'application/json', ...headers },
      type: JSON_TYPE,
      longest: MAX_BYTES,
    })
    const document = parseStrictJson(text)
    if (typeof document !== 'object' || document === null || Array.isArray(document))
      throw new TypeError('the answer is no JSON object')
    return { document: document as JsonObject, maxAgeSeconds }
  }
}

/** Fetches text as {@link createDocumentFetch} fetches JSON. */
export function createTextFetch({ fetch, timeoutMilliseconds, allowLoopbackHttp }: DocumentFetchDeps): TextFetch {
  return async ({ url, form, headers, type, longest }) => {
    checkAddress(url, allowLoopbackHttp)
    const signal = AbortSignal.timeout(timeoutMilliseconds)
    const answer = async (): Promise<FetchedText> => {
      const response = await fetch(url, {
        method: form === undefined ? 'GET' : 'POST',
        headers: { ...headers },
        body: form ?? null,
        redirect: 'manual',
        signal,
      })
      return { text: await readAnswer(response, type, longest), maxAgeSeconds: maxAgeOf(response.headers) }
    }
    // Raced as well, for a `fetch` of somebody's own that does not heed the signal.
    return Promise.race([answer(), aborted(signal)])
  }
}

/**
 * Checks that an address may be asked at all.
 *
 * @throws TypeError
 */
function checkAddress(url: string, allowLoopbackHttp: boolean): void {
  if (!URL.canParse(url)) throw new TypeError('the address is no URL')
  const { protocol, hostname, username, password } = new URL(url)
  if (username !== '' || password !== '') throw new TypeError('the address holds a user name or a password')
  if (protocol === 'https:') return
  if (protocol !== 'http:' || !allowLoopbackHttp || !isLoopback(hostname))
    throw new TypeError('the address is not https')
}

async function readAnswer(response: Response, type: RegExp, longest: number): Promise<string> {
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new TypeError(`the answer was ${response.status}, and not 200`)
  }
  if (!type.test(response.headers.get('content-type') ?? '')) {
    await response.body?.cancel()
    throw new TypeError(type === JSON_TYPE ? 'the answer is not JSON' : 'the answer has another media type')
  }
  return readText(response, longest)
}

/** The body as text, read no further than the limit. What counts is its length unpacked. */
async function readText({ body }: Response, longest: number): Promise<string> {
  if (body === null) return ''
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.byteLength
    // Leaving the loop gives the rest of the body up.
    if (length > longest) throw new TypeError(`the answer is longer than ${longest} bytes`)
    chunks.push(chunk)
  }
  const bytes = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.byteLength
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
}

/** RFC 9111 §4.2: `max-age`, less the `Age` that a cache on the way has added. */
function maxAgeOf(headers: Headers): number | undefined {
  const control = headers.get('cache-control') ?? ''
  if (/(?:^|[\s,])no-(?:store|cache)(?:$|[\s,=])/i.test(control)) return 0
  const maxAge = /(?:^|[\s,])max-age="?(?<seconds>\d{1,9})/i.exec(control)?.groups?.['seconds']
  if (maxAge === undefined) return undefined
  const age = /^\d{1,9}$/.exec(headers.get('age') ?? '')?.[0] ?? '0'
  return Math.max(0, Number(maxAge) - Number(age))
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
