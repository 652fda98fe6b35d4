import type { Emit } from '../domain/event.ts'
import { scopeTextOf } from '../domain/scope.ts'
import type { TokenStore } from '../ports/token-store.ts'
import { tokenTypeOf } from '../protocol/confirmation-claim.ts'
import type { TokenResponse } from '../protocol/token-response.ts'
import type { MintRequest, TokenMinter } from './token-minter.ts'

/** Issues access tokens: mint, remember, answer. */
export interface TokenIssuer {
  /** @throws OAuthError as minting does, and `temporarily_unavailable` when the token could not be remembered. */
  issue(request: MintRequest & { readonly grantType: string }): Promise<TokenResponse>
}

/** What {@link createTokenIssuer} takes. */
export interface TokenIssuerDeps {
  readonly minter: TokenMinter
  readonly tokens: TokenStore
  readonly emit: Emit
}

/** A reference token is remembered before it is handed out: one that could not be stored is never seen by anybody. */
export function createTokenIssuer({ minter, tokens, emit }: TokenIssuerDeps): TokenIssuer {
  return {
    async issue(request) {
      const minted = minter.mint(request)
      const { format, value, record } = minted instanceof Promise ? await minted : minted
      if (format === 'opaque') await tokens.save(record)
      const { id: tokenId, issuedAt, expiresAt, clientId, subject, scopes, audience } = record
      const { credentialId, grantType, requestId } = request
      emit({
        type: 'token_issued',
        at: issuedAt,
        requestId,
        clientId,
        ...(credentialId !== undefined && { credentialId }),
        tokenId,
        grantType,
        subject,
        scopes,
        audience,
        expiresAt,
      })
      const token_type = tokenTypeOf(record.confirmation)
      const expires_in = expiresAt - issuedAt
      // RFC 6749 §3.3: always told, so that a client never has to guess; a token without scope has nothing to tell.
      return scopes.length === 0
        ? { access_token: value, token_type, expires_in }
        : { access_token: value, token_type, expires_in, scope: scopeTextOf(scopes) }
    },
  }
}
