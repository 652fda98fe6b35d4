import type { AccessTokenRecord, Client, JsonObject, Resource, TokenId } from '@latchkey/core'
import { defineClient, defineResource } from '@latchkey/core'
import { HOSTILE_SCOPES, HOSTILE_STRINGS, HOSTILE_TEXT } from './hostile-strings.ts'
import { LIVE } from './times.ts'

/** A client with every member that there is, full of text that is hard to keep. */
export const fullClient = (id: string): Client =>
  defineClient({
    id,
    name: "Robert'); DROP TABLE clients;-- \u00e9 e\u0301 \u{1f512}\n\t%_$1",
    enabled: false,
    credentials: [
      {
        kind: 'secret',
        id: 'abcABC012345',
        label: ' __proto__ ',
        hash: '$sha256$id=abcABC012345$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
        notBefore: 0,
        expiresAt: LIVE,
      },
      {
        kind: 'secret',
        id: '__proto__',
        origin: 'file',
        hash: '$scrypt$ln=15,r=8,p=3$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
        sealed: "v1.__proto__.;';--%_$1{}",
      },
      {
        kind: 'jwks',
        id: 'jwks',
        keys: [
          {
            kty: 'EC',
            crv: 'P-256',
            x: 'n-NS769E7OzDgPgfN1bKxCehc9DTOl3P_n91bAp-o4Y',
            y: 'RazmiZJeRCttJsFgLk3mo5FEWFyQgaGKdFIaAeVHM4o',
            kid: "__proto__;';--%_$1{}",
            alg: 'ES256',
            use: 'sig',
            x5c: ['MII+/w=='],
          },
          { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
        ],
      },
      { kind: 'jwks_uri', id: 'jwks_uri', uri: "https://keys.example:8443/a?b=c%00&d=';--" },
      { kind: 'tls_client_auth', id: 'dn', subjectDn: 'CN=a\\,b+OU=\u00e9 e\u0301 \u{1f512},O=%_$1' },
      { kind: 'tls_client_auth', id: 'ip', sanIp: '2001:db8::1' },
      {
        kind: 'trusted_issuer',
        id: 'trusted_issuer',
        issuer: 'https://issuer.example/__proto__',
        subject: "system:serviceaccount:*:';--%_$1",
        audience: '__proto__',
        maxLifetimeSeconds: 86_400,
        singleUse: true,
      },
    ],
    scopes: HOSTILE_SCOPES.map((name, index) => ({ name, enabled: index % 2 === 0 })),
    defaultScopes: HOSTILE_SCOPES.slice(0, 4),
    scopePolicy: 'reduce',
    introspect: 'any',
    resourceServerFor: HOSTILE_TEXT,
    resources: ['https://api.example/a?b=c', "urn:example:%C3%A9:__proto__;';--"],
    grantTypes: ['client_credentials', 'urn:ietf:params:oauth:grant-type:jwt-bearer', '__proto__'],
    tokenEndpointAuthMethod: 'client_secret_jwt',
    tokenEndpointAuthSigningAlg: 'HS512',
    legacyAssertionAudience: true,
    accessTokenLifetimeSeconds: 315_360_000,
    accessTokenFormat: 'jwt',
    claims: { ['__proto__']: { tenant: null }, texts: HOSTILE_TEXT.slice(0, 20), numbers: [0, -1.5, 1e300, true] },
    dpopBoundAccessTokens: true,
    dpopNonceRequired: false,
    tlsClientCertificateBoundAccessTokens: true,
    tokensValidFrom: LIVE,
    version: 7,
  })

/** A client that has no member but those that every client has. */
export const plainClient = (id: string): Client => defineClient({ id })

/** A resource with every member that there is, full of text that is hard to keep. */
export const fullResource = (identifier: string): Resource =>
  defineResource({
    identifier,
    name: "Robert'); DROP TABLE resources;-- \u00e9 e\u0301 \u{1f512}\n\t%_$1",
    scopes: HOSTILE_SCOPES,
    accessTokenFormat: 'jwt',
    accessTokenLifetimeSeconds: 315_360_000,
    accessTokenSigningAlg: 'RS256',
    accessTokenEncryption: {
      alg: 'ECDH-ES+A256KW',
      enc: 'A256GCM',
      key: {
        kty: 'EC',
        crv: 'P-256',
        x: 'n-NS769E7OzDgPgfN1bKxCehc9DTOl3P_n91bAp-o4Y',
        y: 'RazmiZJeRCttJsFgLk3mo5FEWFyQgaGKdFIaAeVHM4o',
        kid: "__proto__;';--%_$1{}",
      },
    },
    claims: { ['__proto__']: { tenant: null }, texts: HOSTILE_TEXT.slice(0, 20), numbers: [0, -1.5, 1e300, true] },
    version: 7,
  })

/** A resource that has no member but those that every resource has. */
export const plainResource = (identifier: string): Resource => defineResource({ identifier })

/** A record with every member that there is, full of text that is hard to keep. */
export const fullToken = (id: TokenId): AccessTokenRecord => ({
  id,
  clientId: 'https://machine.example:8443/~a@b',
  credentialId: '__proto__',
  subject: '; \u00e9 e\u0301 \u{1f512}\n%_$1 __proto__',
  scopes: HOSTILE_SCOPES,
  audience: HOSTILE_TEXT,
  issuedAt: 1_700_000_000,
  expiresAt: LIVE,
  confirmation: {
    jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I',
    x5tS256: 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0',
  },
  claims: hostileClaims(),
})

/** A record that has no member but those that every record has. */
export const plainToken = (id: TokenId): AccessTokenRecord => ({
  id,
  clientId: 'machine',
  subject: 'machine',
  scopes: [],
  audience: ['https://api.example'],
  issuedAt: 1_700_000_000,
  expiresAt: LIVE,
})

/** Parsed, not written, so that `__proto__` is a member like any other. */
const hostileClaims = (): JsonObject => {
  const names = JSON.stringify(Object.fromEntries(HOSTILE_STRINGS.map((text) => [text, text])))
  return JSON.parse(`{
    "names": ${names},
    "__proto__": { "__proto__": null, "polluted": true },
    "constructor": { "prototype": {} },
    "numbers": [0, -1, 0.1, 1e308, 5e-324, 9007199254740991, -9007199254740991, 1e21],
    "nothing": [null, false, "", [], {}, [[]], [{}]],
    "deep": ${'['.repeat(64)}"bottom"${']'.repeat(64)}
  }`)
}
