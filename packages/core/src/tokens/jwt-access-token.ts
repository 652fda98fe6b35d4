import type { AccessTokenRecord, TokenId } from '../domain/access-token.ts'
import { CLIENT_ID_PATTERN } from '../domain/client.ts'
import type { EpochSeconds } from '../domain/epoch-seconds.ts'
import type { JsonObject, JsonValue } from '../domain/json-value.ts'
import { PROTECTED_CLAIMS } from '../domain/protected-claims.ts'
import { scopeTextOf } from '../domain/scope.ts'
import { isScopeToken } from '../domain/scope-token.ts'
import type { SigningAlgorithm } from '../domain/signing-key.ts'
import type { PublicKeyEncryption } from '../domain/token-encryption.ts'
import { OAuthError } from '../errors.ts'
import { encodeBase64Url } from '../jose/base64url.ts'
import { type NestedJwe, sealTo } from '../jose/nested-jwe.ts'
import { verifyJws } from '../jose/verify-jws.ts'
import { confirmationClaim, readConfirmationClaim } from '../protocol/confirmation-claim.ts'
import { readStatusClaim, statusClaim } from '../protocol/status-claim.ts'
import { randomId } from '../random-text.ts'
import { TOKEN_TYPE, type TokenKeys } from './token-keys.ts'

/** Longest token, in characters: servers in front of APIs refuse header fields that are not much longer. */
const LONGEST_TOKEN = 8 * 1024

/** A `jti` of ours, and so a token id: 32 bytes in base64url. */
const TOKEN_ID = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

/** What the API that a token is for wants of it, over what the server does. */
export interface TokenProtection {
  readonly alg?: SigningAlgorithm | undefined
  readonly encryption?: PublicKeyEncryption | undefined
}

/** Self-contained access tokens (RFC 9068). */
export interface JwtAccessTokens {
  /** A `jti` (RFC 7519 §4.1.7), which is the token's id. */
  nextId(): TokenId
  /** @throws OAuthError `server_error` when the token would be too long or would outlive its key, or no key is as it is wanted. */
  sign(record: AccessTokenRecord, issuedAt: EpochSeconds, wanted?: TokenProtection): Promise<string>
  /**
   * What a token of ours says, whether it has expired or not; `undefined` for whatever is none, and for one that is
   * encrypted to an API: only what the API has taken out of it can be read.
   */
  read(value: string): Promise<AccessTokenRecord | undefined>
}

/** What {@link createJwtAccessTokens} takes. */
export interface JwtAccessTokensDeps {
  readonly issuer: string
  readonly keys: TokenKeys
  /** Absent where tokens are signed and not encrypted. */
  readonly jwe: NestedJwe | undefined
}

/** Signs and reads the access tokens of one issuer. */
export function createJwtAccessTokens({ issuer, keys, jwe }: JwtAccessTokensDeps): JwtAccessTokens {
  const expectation = { typ: TOKEN_TYPE, longest: LONGEST_TOKEN, keyOf: keys.keyOf }

  return {
    nextId: () => randomId() as TokenId,
    async sign(record, issuedAt, { alg, encryption } = {}) {
      if (record.expiresAt - issuedAt > keys.longestTokenSeconds)
        throw impossible(
          `a self-contained token may live ${keys.longestTokenSeconds} seconds, and this one is to live longer`,
        )
      const key = keys.signing(issuedAt, alg)
      const signed = `${key.header}.${encodeBase64Url(JSON.stringify(claimsOf(record, issuer)))}`
      const signature = await key.sign(Buffer.from(signed, 'latin1'))
      const jws = `${signed}.${Buffer.from(signature).toString('base64url')}`
      const sealed = encryption === undefined ? jwe?.seal(jws) : sealedTo(encryption, jws)
      const token = sealed === undefined ? jws : await sealed
      if (token.length > LONGEST_TOKEN)
        throw impossible(`the token would have ${token.length} characters, and ${LONGEST_TOKEN} are the most`)
      return token
    },
    async read(value) {
      if (value.length > LONGEST_TOKEN) return undefined
      const jws = jwe === undefined ? value : await jwe.open(value)
      if (jws === undefined) return undefined
      const verdict = await verifyJws(jws, expectation)
      return verdict.ok ? recordOf(verdict.payload, issuer) : undefined
    },
  }
}

/** A key that was good when it was registered can be broken in the storage: then there is no token, rather than one in clear. */
async function sealedTo(encryption: PublicKeyEncryption, jws: string): Promise<string> {
  try {
    return await sealTo(encryption, jws, TOKEN_TYPE)
  } catch (cause) {
    throw impossible('the encryption key of the resource cannot be used', cause)
  }
}

/** RFC 9068 §2.2. */
const claimsOf = (record: AccessTokenRecord, issuer: string): JsonObject => ({
  iss: issuer,
  sub: record.subject,
  aud: record.audience.length === 1 ? (record.audience[0] as string) : record.audience,
  exp: record.expiresAt,
  iat: record.issuedAt,
  jti: record.id,
  client_id: record.clientId,
  ...(record.scopes.length > 0 && { scope: scopeTextOf(record.scopes) }),
  ...(record.confirmation !== undefined && { cnf: confirmationClaim(record.confirmation) }),
  ...(record.status !== undefined && { status: statusClaim(record.status, issuer) }),
  // None of them is one of the above: the minter sees to it.
  ...record.claims,
})

/** What we put into every token, and nothing else of what is ours to set: another token was not made by this code. */
function recordOf(payload: JsonObject, issuer: string): AccessTokenRecord | undefined {
  const { iss, sub, aud, exp, iat, jti, client_id: clientId, scope, cnf, status: claimed, ...others } = payload
  const audience = typeof aud === 'string' ? [aud] : aud
  const status = claimed === undefined ? undefined : readStatusClaim(claimed, issuer)
  const confirmation = cnf === undefined ? undefined : readConfirmationClaim(cnf)
  const scopes = scope === undefined ? [] : typeof scope === 'string' ? scope.split(' ') : undefined
  if (
    iss !== issuer ||
    typeof sub !== 'string' ||
    !isListOfTexts(audience) ||
    !Number.isSafeInteger(exp) ||
    !Number.isSafeInteger(iat) ||
    typeof jti !== 'string' ||
    !TOKEN_ID.test(jti) ||
    typeof clientId !== 'string' ||
    !CLIENT_ID_PATTERN.test(clientId) ||
    scopes === undefined ||
    !scopes.every(isScopeToken) ||
    (cnf !== undefined && confirmation === undefined) ||
    (claimed !== undefined && status === undefined) ||
    Object.keys(others).some((name) => PROTECTED_CLAIMS.has(name))
  )
    return undefined
  return {
    id: jti as TokenId,
    clientId,
    subject: sub,
    scopes,
    audience,
    issuedAt: iat as number,
    expiresAt: exp as number,
    ...(confirmation !== undefined && { confirmation }),
    ...(status !== undefined && { status }),
    ...(Object.keys(others).length > 0 && { claims: others }),
  }
}

const isListOfTexts = (value: JsonValue | undefined): value is readonly string[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string')

const impossible = (reason: string, cause?: unknown): OAuthError =>
  new OAuthError('server_error', 'the token could not be made', { reason, cause })
