import { type EndpointResponse, errorResponse } from '@latchkey/core'
import type { RequestQuestion, TokenVerifier } from './token-verifier.ts'
import type { VerifiedToken } from './verified-token.ts'

/** Whether a request may pass, or the whole answer that it gets. */
export type RequestVerdict<Answer = EndpointResponse> =
  | { readonly ok: true; readonly accessToken: VerifiedToken }
  | { readonly ok: false; readonly response: Answer }

/** What a program sees of a verifier that mounts it. */
export type BearerCheck = Pick<TokenVerifier, 'verifyBearer'>

/** What an operation of an API asks of a token. */
export interface RequiredToken {
  /** All of them must have been granted; none by default. */
  readonly scopes?: readonly string[] | undefined
}

/** Decides on a request. Never rejects: where nobody knows the answer is 503, and for a fault of ours 500. */
export async function decide(verifier: BearerCheck, question: RequestQuestion): Promise<RequestVerdict> {
  try {
    const verdict = await verifier.verifyBearer(question)
    if (verdict.ok) return { ok: true, accessToken: verdict.accessToken }
    return { ok: false, response: { status: verdict.status, headers: verdict.headers, body: '' } }
  } catch (thrown) {
    return { ok: false, response: errorResponse(thrown) }
  }
}
