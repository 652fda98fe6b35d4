import type { SigningAlgorithm } from '../domain/signing-key.ts'
import { encodeBase64Url } from '../jose/base64url.ts'
import type { Clock } from '../ports/clock.ts'
import type { Signer } from '../ports/signer.ts'
import type { IntrospectionResponse } from '../protocol/introspection-response.ts'
import { presentKey } from './keys-of-signer.ts'

/** Tells what is signed here from an access token that the same key has signed (RFC 9701 §8.1, RFC 8725 §3.11). */
const INTROSPECTION_TYPE = 'token-introspection+jwt'

/** Answers of introspection that the caller can show to others (RFC 9701). */
export interface IntrospectionJwts {
  /** The algorithm of the key that signs at present; `undefined` while there is none. */
  presentAlgorithm(): SigningAlgorithm | undefined
  /**
   * The answer as a signed JWT for that caller alone.
   *
   * @throws OAuthError `server_error` when there is no key or it cannot be asked.
   */
  sign(answer: IntrospectionResponse, callerId: string): Promise<string>
}

/** What {@link createIntrospectionJwts} takes. */
export interface IntrospectionJwtsDeps {
  readonly issuer: string
  readonly signer: Signer
  readonly clock: Clock
}

/** Signs with the server's own key: a key of a resource's own algorithm is for its tokens. */
export function createIntrospectionJwts({ issuer, signer, clock }: IntrospectionJwtsDeps): IntrospectionJwts {
  return {
    presentAlgorithm() {
      try {
        return signer.signingKey(clock.now()).alg
      } catch {
        return undefined
      }
    },
    async sign(answer, callerId) {
      const now = clock.now()
      const key = presentKey(signer, now)
      const header = { alg: key.alg, typ: INTROSPECTION_TYPE, kid: key.kid }
      // RFC 9701 §5: what is told of the token stays inside, so that nothing out here can be read as a claim of a token.
      const claims = { iss: issuer, aud: callerId, iat: now, token_introspection: answer }
      const signed = `${encodeBase64Url(JSON.stringify(header))}.${encodeBase64Url(JSON.stringify(claims))}`
      const signature = await key.sign(Buffer.from(signed, 'latin1'))
      return `${signed}.${Buffer.from(signature).toString('base64url')}`
    },
  }
}
