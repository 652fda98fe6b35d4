import type { Client } from '../domain/client.ts'
import type { Resource } from '../domain/resource.ts'
import type { Form } from '../protocol/form.ts'

/** What a grant decided: for whom, in whose name, and what for. */
export interface Authorization {
  readonly client: Client
  /** `sub` of the token. */
  readonly subject: string
  readonly scopes: readonly string[]
}

/** What a grant decides upon. */
export interface GrantRequest {
  readonly form: Form
  /** Authenticated already. */
  readonly client: Client
  /** The resources that the request names, and that the client may have a token for. */
  readonly resources: readonly Resource[]
}

/** A rule that turns an authenticated request into an authorization (RFC 6749 §4, §4.5). It decides; it issues nothing. */
export interface Grant {
  /** The value of `grant_type`. */
  readonly type: string
  /** @throws OAuthError when the client may not have what it asks for. */
  authorize(request: GrantRequest): Promise<Authorization>
}
