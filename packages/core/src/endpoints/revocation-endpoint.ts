import type { ClientAuthenticator } from '../client-auth/client-authenticator.ts'
import { REVOCATION_MARGIN_SECONDS } from '../domain/access-token.ts'
import type { Emit } from '../domain/event.ts'
import { OAuthError } from '../errors.ts'
import { isSealedToAnApi } from '../jose/nested-jwe.ts'
import type { Clock } from '../ports/clock.ts'
import type { StatusIndexes } from '../ports/status-indexes.ts'
import type { TokenStore } from '../ports/token-store.ts'
import type { EndpointRequest } from '../protocol/endpoint-request.ts'
import { TOKEN_TYPE } from '../tokens/token-keys.ts'
import type { TokenVerifier } from '../tokens/token-verifier.ts'
import type { Watch } from './watch.ts'

/** What {@link createRevocationEndpoint} takes. */
export interface RevocationEndpointDeps {
  readonly authenticator: ClientAuthenticator
  readonly verifier: TokenVerifier
  readonly tokens: TokenStore
  /** Where the published list of revoked tokens is kept; absent where none is published. */
  readonly statusIndexes?: StatusIndexes | undefined
  readonly clock: Clock
  readonly emit: Emit
  readonly watch: Watch
}

/** Answers revocation requests (RFC 7009 §2). Resolves when the token is inactive for good, or never was the caller's. */
export type RevocationEndpoint = (request: EndpointRequest) => Promise<void>

/** Authenticate the caller, find the token, forget it. `token_type_hint` changes nothing (§2.1). */
export function createRevocationEndpoint(deps: RevocationEndpointDeps): RevocationEndpoint {
  const { authenticator, verifier, tokens, statusIndexes, clock, emit, watch } = deps

  return watch('revocation_refused', async (request, seen) => {
    const { client, credential, claimOnce } = await authenticator.authenticate(request, seen)
    if (claimOnce !== undefined) await claimOnce()
    const token = request.form.get('token')
    if (token === undefined) throw new OAuthError('invalid_request', 'token is missing')
    const record = await verifier.find(token)
    // Unknown, malformed and revoked ones are as good as revoked (§2.2), and nothing is written for them.
    if (record === undefined) {
      // §2.2.1: nobody here can tell which token it is, and a 200 would say that it is good no more.
      if (isSealedToAnApi(token, TOKEN_TYPE))
        throw new OAuthError('unsupported_token_type', 'a token that is encrypted to an API cannot be revoked', {
          reason: 'a token that only its API can decrypt',
        })
      return
    }
    const about = {
      at: clock.now(),
      requestId: request.requestId,
      clientId: client.id,
      credentialId: credential.id,
      tokenId: record.id,
    }
    // A token of another client is answered like an unknown one: to refuse it would tell that it exists.
    if (record.clientId !== client.id)
      return emit({
        type: 'revocation_ignored',
        ...about,
        ownerId: record.clientId,
      })
    // First, since a token that is revoked is not found again: who was told to try again would leave the list as it was.
    if (record.status !== undefined) await statusIndexes?.revoke(record.status.list, record.status.index)
    await tokens.revoke(record.id, record.expiresAt + REVOCATION_MARGIN_SECONDS)
    emit({ type: 'token_revoked', ...about })
  })
}
