import type { Credential } from '../domain/credential.ts'
import type { ClientIdAndSecret } from '../protocol/basic-credentials.ts'
import { credentialIdIn } from '../protocol/generated-secret-format.ts'
import type { PresentedCredentials, VerificationContext } from './client-auth-method.ts'
import { findByGeneratedSecret } from './generated-secret.ts'
import { createHumanChosenSecrets } from './human-chosen-secret.ts'

/** Finds the credential to which a presented secret belongs. */
export type SecretCheck = (
  presented: ClientIdAndSecret,
  against: VerificationContext,
) => Promise<Credential | undefined> | Credential | undefined

/** What {@link createSecretCheck} takes. */
export interface SecretCheckDeps {
  /** Refuses every secret that a person chose, so that no request ever costs a key derivation. */
  readonly generatedSecretsOnly: boolean
}

/**
 * What is presented decides the work, never the client: a secret of the generated form costs one hash, anything else one
 * key derivation, whoever the client is and whether it exists or not. So the time tells nothing.
 */
export function createSecretCheck({ generatedSecretsOnly }: SecretCheckDeps): SecretCheck {
  const humanChosen = createHumanChosenSecrets()
  return (presented, against) => {
    const credentialId = credentialIdIn(presented.clientSecret)
    if (credentialId !== undefined) return findByGeneratedSecret(against.client, credentialId, presented.clientSecret)
    return generatedSecretsOnly ? undefined : humanChosen.find(presented, against)
  }
}

/** A pair of id and secret as something that can be verified. */
export const presentedSecret = (pair: ClientIdAndSecret, check: SecretCheck): PresentedCredentials => ({
  clientId: pair.clientId,
  verify: (against) => check(pair, against),
})
