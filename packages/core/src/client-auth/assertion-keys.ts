import type { Client } from '../domain/client.ts'
import { type Credential, isLive, type SecretCredential } from '../domain/credential.ts'
import type { EpochSeconds } from '../domain/epoch-seconds.ts'
import { isFitFor, type RegisteredKey } from '../domain/registered-key.ts'
import {
  isSharedSecretAlgorithm,
  LEAST_SECRET_BYTES,
  type SharedSecretAlgorithm,
} from '../domain/shared-secret-algorithms.ts'
import type { SigningAlgorithm } from '../domain/signing-key.ts'
import type { OAuthError } from '../errors.ts'
import { sharedSecretKey } from '../jose/shared-secret-key.ts'
import { verificationKeyOf } from '../jose/verification-key.ts'
import type { VerificationKey } from '../jose/verify-jws.ts'
import type { SecretSeal } from '../ports/secret-seal.ts'
import type { KeySets, KeysCredential } from './key-sets.ts'

/** A key that may have signed an assertion, and the credential that it belongs to. */
export interface Candidate {
  readonly credential: Credential
  readonly key: VerificationKey
}

/** What a search for keys came to. */
export interface Candidates {
  readonly candidates: readonly Candidate[]
  /** Why there are no more, where keys that are published cannot be had. For the operator. */
  readonly fault?: string | undefined
  /** What to fail by where none of them has signed: keys whose host does not answer might have. */
  readonly away?: OAuthError | undefined
}

/** What of an assertion's header tells the key. */
export interface KeyHint {
  readonly alg: string
  readonly kid: string | undefined
}

/** Finds the keys by which a client may have signed. */
export interface AssertionKeys {
  /**
   * Those of live credentials first, and no more than eight. An assertion of an issuer is looked for among the keys of that
   * issuer alone.
   *
   * @throws OAuthError `temporarily_unavailable` when a secret cannot be opened.
   */
  candidatesFor(client: Client, hint: KeyHint, issuer: string | undefined, now: EpochSeconds): Promise<Candidates>
}

/** What {@link createAssertionKeys} takes. */
export interface AssertionKeysDeps {
  readonly keySets: KeySets
  /** Without it no assertion that is signed with a secret is taken. */
  readonly seal: SecretSeal | undefined
  /** By which key pairs may sign; the others are nobody's. */
  readonly algorithms: readonly SigningAlgorithm[]
}

/** Each of them costs a verification, whoever sends the assertion. */
const MOST_CANDIDATES = 8

const NONE: Candidates = { candidates: [] }

/** Finds candidates by algorithm, name and method: a key is never tried for what it is not meant for (RFC 8725 §3.1). */
export function createAssertionKeys({ keySets, seal, algorithms }: AssertionKeysDeps): AssertionKeys {
  async function ofSecrets(client: Client, alg: SharedSecretAlgorithm, now: EpochSeconds) {
    const found: Candidate[] = []
    for (const credential of liveFirst(client, now)) {
      if (credential.kind !== 'secret' || seal === undefined) continue
      const key = await secretKeyOf(client.id, credential, alg, seal).catch((error: unknown) => {
        // One that does not count is looked at for the operator's sake: it must not be in the way of one that does.
        if (isLive(credential, now)) throw error
        return undefined
      })
      if (key !== undefined) found.push({ credential, key })
    }
    return found
  }

  async function ofPairs(
    clientId: string,
    alg: SigningAlgorithm,
    { kid }: KeyHint,
    holders: readonly KeysCredential[],
    now: EpochSeconds,
  ): Promise<Candidates> {
    const candidates: Candidate[] = []
    let fault: string | undefined
    let away: OAuthError | undefined
    const isEnough = (held: readonly RegisteredKey[]): boolean => pick(held, alg, kid).length > 0
    for (const credential of holders) {
      const { keys, ...without } = await keySets.keysOf(credential, clientId, isEnough)
      fault ??= without.fault
      if (isLive(credential, now)) away ??= without.away
      for (const picked of pick(keys, alg, kid)) {
        const key = pairKeyOf(picked, alg)
        if (key !== undefined) candidates.push({ credential, key })
      }
    }
    return { candidates: candidates.slice(0, MOST_CANDIDATES), fault, away }
  }

  return {
    async candidatesFor(client, hint, issuer, now) {
      const { tokenEndpointAuthMethod: method, tokenEndpointAuthSigningAlg: only } = client
      if (only !== undefined && only !== hint.alg) return NONE
      if (isSharedSecretAlgorithm(hint.alg)) {
        if (issuer !== undefined || method === 'private_key_jwt') return NONE
        return { candidates: (await ofSecrets(client, hint.alg, now)).slice(0, MOST_CANDIDATES) }
      }
      const alg = algorithms.find((known) => known === hint.alg)
      if (alg === undefined || method === 'client_secret_jwt') return NONE
      const holders = liveFirst(client, now).filter((credential): credential is KeysCredential =>
        issuer === undefined ? hasOwnKeys(credential) : isOfIssuer(credential, issuer),
      )
      return ofPairs(client.id, alg, hint, holders, now)
    },
  }
}

const liveFirst = ({ credentials }: Client, now: EpochSeconds): readonly Credential[] =>
  credentials.toSorted((a, b) => Number(isLive(b, now)) - Number(isLive(a, now)))

const hasOwnKeys = ({ kind }: Credential): boolean => kind === 'jwks' || kind === 'jwks_uri'

const isOfIssuer = (credential: Credential, issuer: string): boolean =>
  credential.kind === 'trusted_issuer' && credential.issuer === issuer

/** Those of the name first: a key that nobody has named may be the one of any. */
const pick = (keys: readonly RegisteredKey[], alg: SigningAlgorithm, kid: string | undefined) =>
  keys
    .filter((key) => isFitFor(key, alg) && (kid === undefined || key.kid === undefined || key.kid === kid))
    .toSorted((a, b) => Number(b.kid === kid) - Number(a.kid === kid))

/** A client that is remembered is the same object, and so are its keys: each is made once. */
const pairKeys = new WeakMap<RegisteredKey, Map<SigningAlgorithm, VerificationKey | undefined>>()

function pairKeyOf(key: RegisteredKey, alg: SigningAlgorithm): VerificationKey | undefined {
  const made = pairKeys.get(key) ?? new Map<SigningAlgorithm, VerificationKey | undefined>()
  pairKeys.set(key, made)
  if (!made.has(alg)) made.set(alg, verificationKeyFor(key, alg))
  return made.get(alg)
}

/** What a record of before was checked for may not be enough now: whatever is weak verifies nothing (RFC 8725 §3.5). */
function verificationKeyFor(
  { kty, crv, x, y, n, e }: RegisteredKey,
  alg: SigningAlgorithm,
): VerificationKey | undefined {
  try {
    return verificationKeyOf(alg, JSON.parse(JSON.stringify({ kty, crv, x, y, n, e })) as Record<string, string>)
  } catch {
    return undefined
  }
}

/** `undefined` for a secret that is kept as a hash alone, or is too short for the algorithm. */
async function secretKeyOf(
  clientId: string,
  { id: credentialId, sealed }: SecretCredential,
  alg: SharedSecretAlgorithm,
  seal: SecretSeal,
): Promise<VerificationKey | undefined> {
  if (sealed === undefined) return undefined
  const secret = await seal.unseal({ clientId, credentialId }, sealed)
  return Buffer.byteLength(secret) < LEAST_SECRET_BYTES[alg] ? undefined : sharedSecretKey(alg, secret)
}
