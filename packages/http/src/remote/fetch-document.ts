import { lookup } from 'node:dns/promises'
import type { TLSSocket } from 'node:tls'
import type { RefusedDocument } from '@latchkey/core'
import type { Client } from 'undici'
import { type CheckedConnectionDeps, openCheckedConnection, type ResolveHost } from './checked-connection.ts'
import { decodedBody } from './decoded-body.ts'
import { documentLifetime } from './document-lifetime.ts'
import { DocumentRefused } from './document-refused.ts'

/** A document that was fetched a moment ago. */
export interface FetchedDocument {
  readonly text: string
  /** For how long it may be kept, in seconds. */
  readonly lifetimeSeconds: number
}

/**
 * Fetches a document once, from an https address.
 *
 * @throws with what went wrong, in words that hold nothing of what the host sent.
 */
export type FetchDocument = (address: string) => Promise<FetchedDocument | RefusedDocument>

/** What {@link createDocumentFetch} takes. */
export interface DocumentFetchDeps extends Omit<CheckedConnectionDeps, 'resolve'> {
  /** The machine's own way by default. */
  readonly resolve?: ResolveHost
  /** How long all of it may take, in milliseconds. */
  readonly timeoutMs: number
  /** How long a document may be, in bytes, once decoded. */
  readonly mostBytes: number
}

/** JSON in its many names, and what files are sent as by hosts that know nothing of JSON. */
const CONTENT_TYPES = /^(?:application\/(?:[\w.+-]+\+)?json|text\/(?:json|plain)|application\/octet-stream)$/

const resolveByMachine: ResolveHost = (host) => lookup(host, { all: true })

/** Makes a fetch whose every connection is checked, and is made for one document alone. */
export function createDocumentFetch(deps: DocumentFetchDeps): FetchDocument {
  const { timeoutMs, mostBytes, resolve = resolveByMachine } = deps
  return async (address) => {
    const url = fetchableUrl(address)
    const signal = AbortSignal.timeout(timeoutMs)
    try {
      return await inTime(signal, async () => {
        const host = url.hostname.replace(/^\[|\]$/g, '')
        const socket = await openCheckedConnection(
          { host, port: Number(url.port || 443), signal },
          { ...deps, resolve },
        )
        const client = await clientOn(socket, url)
        try {
          return await get(client, url, signal, mostBytes)
        } finally {
          await client.destroy()
          socket.destroy()
        }
      })
    } catch (error) {
      if (signal.aborted) throw new Error(`it took longer than ${timeoutMs} ms`, { cause: error })
      if (error instanceof DocumentRefused) return { reason: error.message }
      throw error
    }
  }
}

/** Speaks HTTP on a connection that is there already, and opens no other. */
async function clientOn(socket: TLSSocket, { origin }: URL): Promise<Client> {
  // It takes as long to load as a tenth of a start, and most services never fetch anything.
  const { Client } = await import('undici')
  let isTaken = false
  return new Client(origin, {
    maxHeaderSize: 16 * 1024,
    // The client is not ready to be called back at once.
    connect(_options, callback) {
      if (isTaken) return void setImmediate(callback, new Error('its host closed the connection'), null)
      isTaken = true
      setImmediate(callback, null, socket)
    },
  })
}

async function get(
  client: Client,
  { pathname, search }: URL,
  signal: AbortSignal,
  most: number,
): Promise<FetchedDocument> {
  const { statusCode, headers, body } = await client.request({
    method: 'GET',
    path: `${pathname}${search}`,
    headers: {
      accept: 'application/jwk-set+json, application/json;q=0.9, */*;q=0.1',
      'accept-encoding': 'gzip',
      'user-agent': 'latchkey',
    },
    signal,
  })
  if (statusCode === 429 || statusCode >= 500) throw new Error(`its host answered ${statusCode}`)
  // A redirect among them: where it leads was chosen by the host, not by the operator.
  if (statusCode !== 200) throw new DocumentRefused(`its host answered ${statusCode}`)
  const contentType = single(headers['content-type'])?.split(';', 1)[0]?.trim().toLowerCase()
  if (contentType !== undefined && !CONTENT_TYPES.test(contentType))
    throw new DocumentRefused('it is of another content type')
  const text = await decodedBody({ chunks: body, encoding: single(headers['content-encoding']), most })
  const lifetimeSeconds = documentLifetime({
    cacheControl: joined(headers['cache-control']),
    age: single(headers['age']),
  })
  return { text, lifetimeSeconds }
}

/**
 * The URL of a document.
 *
 * @throws TypeError when it is none of https, or holds a name and a password, or a fragment.
 */
export function fetchableUrl(address: string): URL {
  if (!URL.canParse(address)) throw new TypeError('its address is no URL')
  const url = new URL(address)
  if (url.protocol !== 'https:') throw new TypeError('its address is not of https')
  if (url.username !== '' || url.password !== '') throw new TypeError('its address holds a user name or a password')
  if (url.hash !== '') throw new TypeError('its address has a fragment')
  return url
}

/** Looking a name up cannot be ended; it is waited for no longer than for the rest. */
function inTime<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', giveUp, { once: true })
    call()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', giveUp))
  })
}

type Field = string | string[] | undefined

/** A field that is sent twice is none of which could be said what it means. */
function single(field: Field): string | undefined {
  if (Array.isArray(field)) throw new DocumentRefused('its header has a field twice')
  return field
}

const joined = (field: Field): string | undefined => (Array.isArray(field) ? field.join(',') : field)
