import { digestOf } from './digest.ts'

/** Where everything lies: under digests, so that no key holds what a request or an operator wrote. */
export interface Keys {
  /** Of a token and of its revocation: one key, so that they have one fate. */
  token(id: string): string
  claim(key: string): string
  client(id: string): string
  /** The ids of all clients, sorted. */
  readonly clientIds: string
  /** Tells for a minute which call removed a client. */
  removal(id: string): string
  uses(clientId: string): string
  /** Of the set of signing keys. */
  readonly signingKeys: string
  /** Of all resources. */
  readonly resources: string
  /** Tells for a minute which call removed a resource. */
  resourceRemoval(identifier: string): string
  /** Says which list of revoked tokens has places left. */
  readonly openStatusList: string
  /** Of the bits of a list. */
  statusList(list: string): string
  /** On which changes of clients are told. */
  readonly changes: string
  /** On which a subscriber hears itself. */
  beat(nonce: string): string
  /** Written to see whether Redis takes writes. */
  readonly probe: string
}

/** The prefix where none is given. */
export const DEFAULT_PREFIX = 'latchkey'

const PREFIX_PATTERN = /^[A-Za-z0-9._:-]{1,64}$/

/**
 * What is in braces decides on which node of a Redis Cluster a key lies: a token on one of its own, everything about clients
 * on one together, since a change of the registry touches several of its keys.
 *
 * @throws TypeError when the prefix could mean something to Redis.
 */
export function createKeys(prefix: string = DEFAULT_PREFIX): Keys {
  if (!PREFIX_PATTERN.test(prefix)) throw new TypeError(`prefix must match ${PREFIX_PATTERN.source}`)
  return {
    token: (id) => `${prefix}:token:{${digestOf(id)}}`,
    claim: (key) => `${prefix}:claim:{${digestOf(key)}}`,
    client: (id) => `${prefix}:{clients}:client:${digestOf(id)}`,
    clientIds: `${prefix}:{clients}:ids`,
    removal: (id) => `${prefix}:{clients}:removal:${digestOf(id)}`,
    uses: (clientId) => `${prefix}:{clients}:uses:${digestOf(clientId)}`,
    signingKeys: `${prefix}:{keys}:signing`,
    resources: `${prefix}:{resources}:all`,
    resourceRemoval: (identifier) => `${prefix}:{resources}:removal:${digestOf(identifier)}`,
    openStatusList: `${prefix}:{status}:open`,
    statusList: (list) => `${prefix}:{status}:list:${digestOf(list)}`,
    changes: `${prefix}:{clients}:changes`,
    beat: (nonce) => `${prefix}:{clients}:beat:${nonce}`,
    probe: `${prefix}:{clients}:probe`,
  }
}
