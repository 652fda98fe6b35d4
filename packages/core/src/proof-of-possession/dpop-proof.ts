import { sha256 } from '../crypto.ts'
import type { EpochSeconds } from '../domain/epoch-seconds.ts'
import type { JsonObject } from '../domain/json-value.ts'
import type { SigningAlgorithm } from '../domain/signing-key.ts'
import { CLAIM_MARGIN, claimKeyOf } from '../jose/claim-key.ts'
import { faultInId, isTime } from '../jose/jwt-claims.ts'
import { type VerificationKey, verifyJws } from '../jose/verify-jws.ts'
import { proofAddressOf } from '../protocol/proof-address.ts'
import { readProofKey } from './proof-key.ts'

/** What a proof is to be of. */
export interface DpopExpectation {
  /** The method of the request. */
  readonly method: string
  /** The address of the request as it is seen from outside, or each that it may have; query and fragment do not count. */
  readonly address: string | readonly string[]
  readonly now: EpochSeconds
  /** By which a proof may be signed; every asymmetric one that is known by default. */
  readonly algorithms?: readonly SigningAlgorithm[] | undefined
  /** The token that the proof is shown with; none at the token endpoint. */
  readonly accessToken?: string | undefined
}

/** What a proof proves. */
export interface DpopProof {
  /** The thumbprint of the key that signed it (RFC 7638 §3). */
  readonly jkt: string
  /** The nonce that the proof was made with, whoever gave it out. */
  readonly nonce: string | undefined
  /** To be claimed by a `ReplayGuard` until `claimUntil`: a proof is good once (RFC 9449 §11.1). It tells nothing of the proof. */
  readonly claimKey: string
  readonly claimUntil: EpochSeconds
}

/** A proof, or why it is none. The reason is the operator's. */
export type DpopVerdict = ({ readonly ok: true } & DpopProof) | { readonly ok: false; readonly reason: string }

/** How long ago a proof may have been made, and how far a client's clock may be ahead, in seconds. */
const OLDEST = 300
const SKEW = 10

const LONGEST_PROOF = 8 * 1024

/**
 * Verifies a DPoP proof as RFC 9449 §4.3 says, except for what takes memory: whether its nonce is good, and whether it was
 * shown before. Members that are not known are ignored (§4.2).
 *
 * @throws TypeError when the expected address is none.
 */
export async function verifyDpopProof(proof: string, expectation: DpopExpectation): Promise<DpopVerdict> {
  const addresses = [expectation.address].flat().map(proofAddressOf)
  if (addresses.includes(undefined))
    throw new TypeError('the address that a proof is to be of must be one of http or https')
  let jkt = ''
  let reason: string | undefined
  const verdict = await verifyJws(proof, {
    typ: 'dpop+jwt',
    longest: LONGEST_PROOF,
    async keyOf(_kid, header): Promise<VerificationKey | undefined> {
      const found = readProofKey(header, expectation.algorithms)
      if (typeof found === 'string') {
        reason = found
        return undefined
      }
      jkt = found.jkt
      return found.key
    },
  })
  if (!verdict.ok) return refused(reason ?? verdict.reason)
  const fault = faultInClaims(verdict.payload, addresses, expectation)
  if (fault !== undefined) return refused(fault)
  const { jti, iat, htu, nonce } = verdict.payload
  return {
    ok: true,
    jkt,
    nonce: nonce as string | undefined,
    claimKey: claimKeyOf('dpop', [jkt, proofAddressOf(htu as string) ?? '', jti as string]),
    claimUntil: Math.ceil(iat as number) + OLDEST + CLAIM_MARGIN,
  }
}

/** RFC 9449 §4.3, from the eighth check on. */
function faultInClaims(
  { jti, htm, htu, iat, exp, nbf, nonce, ath }: JsonObject,
  addresses: readonly (string | undefined)[],
  { method, now, accessToken }: DpopExpectation,
): string | undefined {
  const unnamed = faultInId(jti)
  if (unnamed !== undefined) return unnamed
  if (htm !== method) return 'its htm is another method'
  const address = typeof htu === 'string' ? proofAddressOf(htu) : undefined
  if (address === undefined || !addresses.includes(address)) return 'its htu is another address'
  if (!isTime(iat)) return 'its iat is no time'
  if (iat < now - OLDEST) return 'it was made too long ago'
  if (iat > now + SKEW) return 'it was made in the future'
  if (exp !== undefined && !(isTime(exp) && exp > now - SKEW)) return 'it has expired'
  if (nbf !== undefined && !(isTime(nbf) && nbf <= now + SKEW)) return 'it does not count yet'
  if (nonce !== undefined && typeof nonce !== 'string') return 'its nonce is no text'
  if (accessToken !== undefined && ath !== sha256(accessToken)) return 'its ath is that of another token'
  return undefined
}

const refused = (reason: string): DpopVerdict => ({ ok: false, reason })
