import { exportPrivateKey, importPrivateKey, type KeyObject, keyFault } from '../crypto.ts'
import type { SigningKeyRecord } from '../domain/signing-key.ts'
import type { MasterKey } from './master-key.ts'
import { sealBytes, sealedWith, unsealBytes } from './sealed-bytes.ts'

/** What is sealed with what: the whole record but for the sealed part itself. */
type OpenRecord = Omit<SigningKeyRecord, 'sealed'>

/** Puts the private half into the record, encrypted, and everything else under the same seal. */
export const seal = (record: OpenRecord, privateKey: KeyObject, masterKey: MasterKey): SigningKeyRecord => ({
  ...record,
  sealed: sealBytes(exportPrivateKey(privateKey), authenticatedPart(record), masterKey),
})

/** Which master key a record was sealed with, by its name. */
export const masterKeyNameOf = ({ sealed }: SigningKeyRecord): string => sealedWith(sealed)

/**
 * Takes the private half out of a record.
 *
 * @throws Error when the record was sealed with none of the master keys, or is not as it was when it was sealed.
 */
export function unseal(record: SigningKeyRecord, masterKeys: readonly MasterKey[]): KeyObject {
  const privateKey = importPrivateKey(unsealBytes(record.sealed, authenticatedPart(record), masterKeys))
  const fault = keyFault(record.alg, privateKey)
  if (fault !== undefined) throw new Error(fault)
  return privateKey
}

/** The same text for the same record, in whatever order a backend has put its members. */
const authenticatedPart = ({ kid, alg, publicKey, createdAt, signsFrom }: OpenRecord): string =>
  JSON.stringify(['signing key', kid, alg, Object.entries(publicKey).sort(byName), createdAt, signsFrom])

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1)
