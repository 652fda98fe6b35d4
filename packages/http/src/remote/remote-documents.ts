import * as tls from 'node:tls'
import { type Clock, type RemoteDocuments, systemClock } from '@latchkey/core'
import type { ResolveHost } from './checked-connection.ts'
import { createDocumentFetch } from './fetch-document.ts'
import { createHostTurns } from './host-turns.ts'
import { createKeptDocuments } from './kept-documents.ts'
import { reachableAddresses } from './reachable-addresses.ts'

/** What {@link createRemoteDocuments} takes; everything has a default. */
export interface RemoteDocumentsOptions {
  /**
   * Addresses and CIDR blocks that may be connected to though they are not of the public network. Whoever may register a
   * client can have them asked.
   */
  readonly dangerouslyAllowPrivateAddresses?: readonly string[] | undefined
  /** Certificates in PEM that are trusted beside those that Node trusts. */
  readonly extraCa?: string | undefined
  /** How long one fetch may take, in milliseconds. 2000 by default. */
  readonly timeoutMs?: number | undefined
  /** How long a document may be, in bytes, once decoded. 131072 by default. */
  readonly mostBytes?: number | undefined
  /** How many documents are fetched from one host at a time. 4 by default. */
  readonly mostForEachHost?: number | undefined
  /** All addresses of a host. The machine's own way by default. */
  readonly resolve?: ResolveHost | undefined
  readonly clock?: Clock | undefined
}

const TIMEOUT_MS = 2000
const MOST_BYTES = 128 * 1024
const MOST_FOR_EACH_HOST = 4
const CAPACITY = 1000

/**
 * Fetches documents over https from the public network, and remembers them: an implementation of the port
 * {@link RemoteDocuments} for servers of all kinds.
 *
 * @throws TypeError when an allowed address is none.
 */
export function createRemoteDocuments(options: RemoteDocumentsOptions = {}): RemoteDocuments {
  const { timeoutMs = TIMEOUT_MS, mostBytes = MOST_BYTES, mostForEachHost = MOST_FOR_EACH_HOST } = options
  const { extraCa, resolve } = options
  return createKeptDocuments({
    fetch: createDocumentFetch({
      isReachable: reachableAddresses(options.dangerouslyAllowPrivateAddresses),
      ca: extraCa === undefined ? undefined : [...trustedByNode(), extraCa],
      timeoutMs,
      mostBytes,
      ...(resolve && { resolve }),
    }),
    turns: createHostTurns({ most: mostForEachHost, longestWaitMs: timeoutMs }),
    clock: options.clock ?? systemClock,
    capacity: CAPACITY,
  })
}

/** Newer versions of Node tell what they trust by their settings too; older ones what they came with. */
const trustedByNode = (): readonly string[] =>
  (tls as { getCACertificates?: (kind: 'default') => string[] }).getCACertificates?.('default') ?? tls.rootCertificates
