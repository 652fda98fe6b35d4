import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { JsonObject, KeyEncryptionAlgorithm, PublicKeyEncryption, PublicKeyMembers } from '../src/index.ts'

/** A key pair of an API, both halves as JWKs. */
export interface EncryptionKeyPair {
  readonly publicKey: PublicKeyMembers
  readonly privateKey: JsonObject
  /** For another library. */
  readonly key: KeyObject
}

const pairOf = ({ publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject }): EncryptionKeyPair => ({
  publicKey: publicKey.export({ format: 'jwk' }) as PublicKeyMembers,
  privateKey: privateKey.export({ format: 'jwk' }) as JsonObject,
  key: privateKey,
})

export const rsaPair = (modulusLength = 2048): EncryptionKeyPair =>
  pairOf(generateKeyPairSync('rsa', { modulusLength }))
export const ecPair = (namedCurve = 'P-256'): EncryptionKeyPair => pairOf(generateKeyPairSync('ec', { namedCurve }))

/** Every way to encrypt to an API, with a key pair for each. */
export const PUBLIC_KEY_WAYS: readonly {
  readonly alg: KeyEncryptionAlgorithm
  readonly enc: PublicKeyEncryption['enc']
  readonly curve: string
  readonly pair: EncryptionKeyPair
}[] = (['A128GCM', 'A256GCM'] as const).flatMap((enc) => [
  { alg: 'RSA-OAEP-256', enc, curve: 'none', pair: rsaPair() } as const,
  ...(['P-256', 'P-384', 'P-521'] as const).map(
    (curve) => ({ alg: 'ECDH-ES+A256KW', enc, curve, pair: ecPair(curve) }) as const,
  ),
])
