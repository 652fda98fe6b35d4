import { createFingerprint, scryptMatches } from '../crypto.ts'
import type { Client } from '../domain/client.ts'
import type { SecretCredential } from '../domain/credential.ts'
import { isHumanChosen, isLive } from '../domain/credential.ts'
import type { EpochSeconds } from '../domain/epoch-seconds.ts'
import type { ClientIdAndSecret } from '../protocol/basic-credentials.ts'
import type { VerificationContext } from './client-auth-method.ts'
import { createKeyDerivationQueue } from './key-derivation-queue.ts'
import { createVerifiedSecrets } from './verified-secrets.ts'

/** Checks secrets that a person chose. Each check costs one scrypt, unless the same success was seen a moment ago. */
export interface HumanChosenSecrets {
  /**
   * The client's human-chosen credential, live or not, if the secret is its own.
   *
   * @throws RangeError when the stored hash cannot be read; OAuthError `temporarily_unavailable` when too many wait.
   */
  find(presented: ClientIdAndSecret, against: VerificationContext): Promise<SecretCredential | undefined>
}

/** Derived from when there is nothing to derive from. Nothing matches it: its hash is not one of any secret. */
const NOBODY = `$scrypt$ln=15,r=8,p=3$${'A'.repeat(22)}$${'A'.repeat(43)}`

/** One for each server: the memory, the queue and the fingerprints' key are its own. */
export function createHumanChosenSecrets(): HumanChosenSecrets {
  const queue = createKeyDerivationQueue()
  const verified = createVerifiedSecrets()
  const fingerprintOf = createFingerprint()
  const underWay = new Map<string, Promise<boolean>>()

  /** Attempts that are the same in everything share one derivation: a client that starts with a hundred requests pays once. */
  function derive(fingerprint: string, secret: string, hash: string): Promise<boolean> {
    const shared = underWay.get(fingerprint)
    if (shared !== undefined) return shared
    const derivation = queue(() => scryptMatches(secret, hash)).finally(() => underWay.delete(fingerprint))
    underWay.set(fingerprint, derivation)
    return derivation
  }

  return {
    async find({ clientId, clientSecret: secret }, { client, now, mayPass }) {
      const credential = presentable(client, now)
      const hash = credential?.hash ?? NOBODY
      // With the id that was presented: two ids that nobody holds must not share what two that are held would not.
      const fingerprint = fingerprintOf([clientId, credential?.id ?? '', hash, secret])
      const mayRemember = mayPass && credential !== undefined && isLive(credential, now)
      if (mayRemember && verified.has(fingerprint, now)) return credential
      const matches = await derive(fingerprint, secret, hash)
      if (!matches) return undefined
      if (mayRemember) verified.add(fingerprint, now)
      return credential
    },
  }
}

/** The live one, of which there is at most one; else a dead one, so that the operator reads that it has expired. */
function presentable(client: Client | undefined, now: EpochSeconds): SecretCredential | undefined {
  const chosen = client?.credentials.filter(isHumanChosen) ?? []
  return chosen.find((credential) => isLive(credential, now)) ?? chosen.at(-1)
}
