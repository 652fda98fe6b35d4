import type { BearerRefusal } from '@latchkey/core'

/** A request was refused. */
export interface BearerRefused {
  readonly type: 'bearer_refused'
  readonly error: NonNullable<BearerRefusal['error']>
  /** Why, for the operator. The caller learns only the error. */
  readonly reason: string
}

/** The issuer could not be asked, or answered what cannot be believed. While nothing else is known the API answers 503. */
export interface IssuerUnavailable {
  readonly type: 'issuer_unavailable'
  readonly reason: string
  /** What was thrown underneath, where something was. */
  readonly cause?: unknown
}

/** What a verifier tells its operator. No event holds a token or a secret. */
export type VerifierEvent = BearerRefused | IssuerUnavailable

/** Hears of events. What it throws is lost. */
export type VerifierEventListener = (event: VerifierEvent) => void

/** A listener whose faults harm nobody. */
export function heardOnly(listener: VerifierEventListener | undefined): VerifierEventListener {
  return (event) => {
    try {
      listener?.(event)
    } catch {
      // A log that fails must not decide who may pass.
    }
  }
}
