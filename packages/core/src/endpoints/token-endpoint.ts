import type { ClientAuthenticator } from '../client-auth/client-authenticator.ts'
import type { Resource } from '../domain/resource.ts'
import { OAuthError } from '../errors.ts'
import type { Grant } from '../grants/grant.ts'
import { identifiersIn, type ResourceTargets } from '../grants/resource-targets.ts'
import { bindingWithoutProof, judgeCertificate } from '../proof-of-possession/certificate-check.ts'
import { type DpopCheck, onlyProof, withoutProof } from '../proof-of-possession/dpop-check.ts'
import type { EndpointRequest } from '../protocol/endpoint-request.ts'
import type { TokenResponse } from '../protocol/token-response.ts'
import type { TokenIssuer } from '../tokens/token-issuer.ts'
import type { Watch } from './watch.ts'

/** What {@link createTokenEndpoint} takes. */
export interface TokenEndpointDeps {
  readonly authenticator: ClientAuthenticator
  readonly grants: readonly Grant[]
  /** Whether certificates of connections are looked at. */
  readonly mutualTls: boolean
  readonly dpop: DpopCheck
  /** Whether no token may be bound to nothing. */
  readonly boundAlone: boolean
  readonly targets: ResourceTargets
  readonly issuer: TokenIssuer
  readonly watch: Watch
}

const NO_RESOURCES: readonly Resource[] = []

/** Answers token requests (RFC 6749 §3.2). */
export type TokenEndpoint = (request: EndpointRequest) => Promise<TokenResponse>

/**
 * Authenticate, choose the grant, judge certificate and proof, find the resources, authorize, issue. What may happen only once
 * happens when nothing is left to ask the client for again, and before anything is told of resources and scopes. Who has not
 * authenticated learns nothing of grants and scopes.
 */
export function createTokenEndpoint(deps: TokenEndpointDeps): TokenEndpoint {
  const { authenticator, grants, mutualTls, dpop, boundAlone, targets, issuer, watch } = deps
  const grantsByType = new Map(grants.map((grant) => [grant.type, grant]))

  return watch('token_refused', async (request, seen) => {
    const proof = onlyProof(request.dpop)
    const { client, credential, claimOnce } = await authenticator.authenticate(request, seen)

    const grantType = request.form.get('grant_type')
    if (grantType === undefined) throw new OAuthError('invalid_request', 'grant_type is missing')
    const grant = grantsByType.get(grantType)
    if (grant === undefined) throw new OAuthError('unsupported_grant_type', 'this grant type is not supported')
    if (!client.grantTypes.includes(grant.type))
      throw new OAuthError('unauthorized_client', 'the client may not use this grant type')

    const certificate = mutualTls ? request.clientCertificate : undefined
    const certified = judgeCertificate(certificate, client)
    const proven = proof === undefined ? withoutProof(client) : await dpop.judge(proof, client)
    const asked = proven || certified ? { ...proven?.confirmation, ...certified } : undefined
    const confirmation = asked ?? (boundAlone ? bindingWithoutProof(certificate) : undefined)
    // After all that a client repeats a request for, before all that costs: a request refused from here on is used up.
    if (claimOnce !== undefined) await claimOnce()
    if (proven !== undefined) await proven.claim()

    const { form } = request
    const named = identifiersIn(form)
    const resources = named.length === 0 ? NO_RESOURCES : await targets.named(named, client)
    const { subject, scopes } = await grant.authorize({ form, client, resources })
    const judged = targets.judge(scopes, client, resources)
    if (judged !== undefined) await judged
    const { requestId } = request
    return issuer.issue({
      client,
      credentialId: credential.id,
      subject,
      scopes,
      resources,
      confirmation,
      grantType: grant.type,
      requestId,
    })
  })
}
