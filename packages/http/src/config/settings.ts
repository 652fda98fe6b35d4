import {
  ACCESS_TOKEN_FORMATS,
  DEFAULT_ACCESS_TOKEN_LIFETIME,
  DEFAULT_CLIENT_MAX_AGE,
  DEFAULT_CLIENT_MAX_AGE_WITHOUT_CHANGES,
  DEFAULT_MAX_ASSERTION_LIFETIME,
  DEFAULT_STATUS_LIST_TTL,
  PROFILES,
} from '@latchkey/core'
import { LOG_LEVELS } from '../log/log.ts'
import { MOST_WORKERS } from '../workers/worker-count.ts'
import type { SettingName } from './given-settings.ts'
import {
  addresses,
  flag,
  issuer,
  nonceSecret,
  oneOf,
  origins,
  type Setting,
  text,
  wholeNumber,
  workers,
} from './setting.ts'
import { SIGNING_SETTINGS } from './signing-settings.ts'
import { TLS_SETTINGS } from './tls-settings.ts'

export type { GivenSettings, SettingName } from './given-settings.ts'

/** Every setting that there is, in the order in which they are shown: one table for the parsing, the help and the reference. */
export const SETTINGS: Readonly<Record<SettingName, Setting>> = {
  LATCHKEY_ISSUER: {
    value: '<url>',
    fallback: '`http://localhost:<port>` on a loopback host, `https` with a certificate; elsewhere it is required',
    meaning:
      'The name of this server, which clients and APIs compare byte by byte. The endpoints are below its path. It must be https, unless its host is this machine.',
    read: issuer,
  },
  LATCHKEY_HOST: {
    value: '<address>',
    fallback: '`127.0.0.1`',
    meaning: 'The address to listen on; `0.0.0.0` and `::` are all there are.',
    read: text,
  },
  LATCHKEY_PORT: {
    value: '<port>',
    fallback: '`4000`',
    meaning: 'The port to listen on; `0` is any that is free, and needs `LATCHKEY_ISSUER`.',
    read: wholeNumber(0, 65_535),
  },
  ...TLS_SETTINGS,
  LATCHKEY_STORAGE: {
    value: '<storage>',
    fallback: '`memory:`',
    meaning:
      'Where clients and tokens are kept: `memory:`, bounded by `memory:?tokens=1000000`; `postgres://…`; `redis://…` or `rediss://…`; or an adapter module, found from the working directory, with the address that it shall open behind a `#`.',
    read: text,
  },
  LATCHKEY_CLIENT_STORAGE: {
    value: '<storage>',
    fallback: '`LATCHKEY_STORAGE`',
    meaning: 'Where clients are kept, if elsewhere.',
    read: text,
  },
  LATCHKEY_TOKEN_STORAGE: {
    value: '<storage>',
    fallback: '`LATCHKEY_STORAGE`',
    meaning: 'Where tokens and revocations are kept, if elsewhere.',
    read: text,
  },
  LATCHKEY_AUTO_MIGRATE: {
    value: '<true or false>',
    fallback: '`false`',
    meaning:
      'Brings the storage to the form that this version needs, at start. Otherwise the start is refused until `latchkey migrate` has done so.',
    read: flag,
  },
  LATCHKEY_CLIENT_CACHE_TTL: {
    value: '<seconds>',
    fallback: `\`${DEFAULT_CLIENT_MAX_AGE}\`, and \`${DEFAULT_CLIENT_MAX_AGE_WITHOUT_CHANGES}\` where the client storage cannot tell of changes`,
    meaning:
      'How long a client is believed at most before its storage is asked again. A change by another node is seen within a second while the storage tells of it, else within this time. Of resources no storage tells: each is believed for this time, 1 second by default. `0` asks for each request.',
    read: wholeNumber(0, 3600),
  },
  LATCHKEY_CLIENTS_FILE: {
    value: '<path>',
    fallback: 'none',
    meaning:
      'A JSON file of clients. At start those in the client storage are brought to its words, as far as it names them.',
    read: text,
  },
  LATCHKEY_ACCESS_TOKEN_FORMAT: {
    value: '<format>',
    fallback: '`opaque`',
    meaning:
      'What access tokens are, unless their client has a format of its own: `opaque`, a reference that only this server understands, or `jwt`, signed and understood by every API.',
    read: oneOf(ACCESS_TOKEN_FORMATS),
  },
  LATCHKEY_ACCESS_TOKEN_TTL: {
    value: '<seconds>',
    fallback: `\`${DEFAULT_ACCESS_TOKEN_LIFETIME}\``,
    meaning: 'How long an access token is good, unless its client has a lifetime of its own.',
    read: wholeNumber(1, 315_360_000),
  },
  ...SIGNING_SETTINGS,
  LATCHKEY_STATUS_LIST: {
    value: '<true or false>',
    fallback: '`false`',
    meaning:
      'Publishes a list of the revoked JWTs (Token Status List), and gives each JWT its place in it, so that an API sees a revocation without asking about the token. The token storage must have a place for it.',
    read: flag,
  },
  LATCHKEY_STATUS_LIST_TTL: {
    value: '<seconds>',
    fallback: `\`${DEFAULT_STATUS_LIST_TTL}\``,
    meaning: 'For how long anybody may go by that list: an API that reads it sees a revocation within this time.',
    read: wholeNumber(1, 3600),
  },
  LATCHKEY_DEFAULT_AUDIENCE: {
    value: '<audience>',
    fallback: 'the issuer',
    meaning: 'For whom tokens are meant: their `aud`.',
    read: text,
  },
  LATCHKEY_ADVERTISE_RESOURCES: {
    value: '<true or false>',
    fallback: '`true`',
    meaning:
      'Names the registered resources in the metadata, which anybody may read; more than 1000 are not named. A change is seen within 30 seconds, and in caches within five minutes more.',
    read: flag,
  },
  LATCHKEY_GENERATED_SECRETS_ONLY: {
    value: '<true or false>',
    fallback: '`false`',
    meaning: 'Refuses every secret that a person chose, so that no request costs a slow key derivation.',
    read: flag,
  },
  LATCHKEY_MAX_ASSERTION_LIFETIME: {
    value: '<seconds>',
    fallback: `\`${DEFAULT_MAX_ASSERTION_LIFETIME}\``,
    meaning:
      'How far ahead the end of an assertion may be that a client has signed itself, `60` to `3600`. Each is remembered until it ends, so that it passes once. For tokens of an issuer `trusted_issuer` says it.',
    read: wholeNumber(60, 3600),
  },
  LATCHKEY_PROFILE: {
    value: '<profile>',
    fallback: 'none',
    meaning:
      'Holds the service as a whole to a profile: `fapi2`, the FAPI 2.0 Security Profile. Then clients authenticate by a key or a certificate and never by a secret, every token is bound to a key or a certificate, and few algorithms count. A client of the clients file that breaks it stops the start; any other is refused when it asks.',
    read: oneOf(PROFILES),
  },
  LATCHKEY_DPOP_NONCE_REQUIRED: {
    value: '<true or false>',
    fallback: '`false`, unless the client is registered with `dpop_nonce_required`',
    meaning:
      'Takes no DPoP proof without a nonce of this server, so that none can be made long before it is used. A client without a fresh nonce asks twice.',
    read: flag,
  },
  LATCHKEY_DPOP_NONCE_SECRET: {
    value: '<secret>',
    fallback: 'a random one for each node: a nonce then counts on the node that gave it out, and nowhere else',
    meaning: 'What DPoP nonces are made with: 32 random bytes in base64url, the same on every node.',
    read: nonceSecret,
  },
  LATCHKEY_DPOP_NONCE_SECRET_PREVIOUS: {
    value: '<secret>',
    fallback: 'none',
    meaning: 'The secret of before, until the nonces that were made with it have expired: ten minutes.',
    read: nonceSecret,
  },
  LATCHKEY_REMOTE_CA: {
    value: '<path>',
    fallback: 'none: what Node trusts, `NODE_EXTRA_CA_CERTS` included',
    meaning:
      'Certificates to trust besides when keys of clients and of trusted issuers are fetched, such as that of a cluster: a PEM file, or PEM itself.',
    read: text,
  },
  LATCHKEY_DANGEROUSLY_ALLOW_PRIVATE_ADDRESSES: {
    value: '<addresses>',
    fallback: 'none: only the public network is asked',
    meaning:
      'Addresses and CIDR blocks, divided by commas, that keys of clients and of trusted issuers may be fetched from though they are not of the public network. Whoever can register a client, or answer for its name, can then have this server ask whatever listens there: name single addresses, and never those of a cloud’s metadata.',
    read: addresses,
  },
  LATCHKEY_HOOKS: {
    value: '<module>',
    fallback: 'none',
    meaning:
      'A module of yours, found from the working directory, that takes part in decisions: its export `claims` adds claims to tokens.',
    read: text,
  },
  LATCHKEY_WORKERS: {
    value: '<number or auto>',
    fallback: '`1`, everything in one process',
    meaning: `How many processes serve on the same port, up to ${MOST_WORKERS}; \`auto\` is one for each core. More than one need a storage that they share, so not \`memory:\`.`,
    read: workers,
  },
  LATCHKEY_LOG_LEVEL: {
    value: '<level>',
    fallback: '`info`',
    meaning: `What is logged at least: ${LOG_LEVELS.map((level) => `\`${level}\``).join(', ')}.`,
    read: oneOf(LOG_LEVELS),
  },
  LATCHKEY_CORS_ORIGINS: {
    value: '<origins>',
    fallback: 'none',
    meaning: 'Origins whose scripts may ask, divided by commas, such as `https://app.example.com`.',
    read: origins,
  },
}

/** The names of all settings, in the order of the table. */
export const SETTING_NAMES: readonly SettingName[] = Object.keys(SETTINGS) as SettingName[]

/** Tells whether a name is one of a setting. */
export const isSettingName = (name: string): name is SettingName => Object.hasOwn(SETTINGS, name)
