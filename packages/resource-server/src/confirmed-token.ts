import { type Confirmation, isConfirmed } from '@latchkey/core'
import { type Checked, refused, type VerifiedToken } from './verified-token.ts'

/** What whoever shows a token proves to hold. */
export interface Proofs {
  /** The key of a good DPoP proof that came with it. */
  readonly jkt?: string | undefined
  /** The thumbprint of the certificate that came with it. Asked for where a token is bound to one, and not otherwise. */
  certificate(): Promise<Checked<string>>
}

/**
 * The token, once all that it is bound to was proven (RFC 9449 §7.2, RFC 8705 §3): whoever shows a bound token without is not
 * the one that it was issued to.
 */
export async function confirmedBy(token: VerifiedToken, { jkt, certificate }: Proofs): Promise<Checked<VerifiedToken>> {
  const { confirmation: bound } = token
  if (!isConfirmed(onlyKey(bound), onlyKey({ jkt })))
    return refused(
      jkt === undefined
        ? 'the token is bound to a key, and was shown without a proof'
        : 'the token is bound to another key than that of the proof',
    )
  const shown = bound?.x5tS256 === undefined ? undefined : await certificate()
  if (shown?.ok === false) return shown
  const proven: Confirmation = { ...onlyKey({ jkt }), ...(shown !== undefined && { x5tS256: shown.value }) }
  return isConfirmed(bound, proven)
    ? { ok: true, value: token }
    : refused('the token is bound to another certificate than that of the client')
}

const onlyKey = (of: { readonly jkt?: string | undefined } | undefined): Confirmation =>
  of?.jkt === undefined ? {} : { jkt: of.jkt }
