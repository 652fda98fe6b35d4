import { decrypt, encrypt, exportPrivateKey, importPrivateKey, type KeyObject, keyFault } from '../crypto.ts'
import type { SigningKeyRecord } from '../domain/signing-key.ts'
import { decodeBase64Url } from '../jose/base64url.ts'
import type { MasterKey } from './master-key.ts'

/** What is sealed with what: the whole record but for the sealed part itself. */
type OpenRecord = Omit<SigningKeyRecord, 'sealed'>

const VERSION = 'v1'

/** Puts the private half into the record, encrypted, and everything else under the same seal. */
export function seal(record: OpenRecord, privateKey: KeyObject, { name, bytes }: MasterKey): SigningKeyRecord {
  const sealed = Buffer.from(encrypt(bytes, exportPrivateKey(privateKey), authenticatedPart(record)))
  return { ...record, sealed: `${VERSION}.${name}.${sealed.toString('base64url')}` }
}

/** Which master key a record was sealed with, by its name. */
export const masterKeyNameOf = ({ sealed }: SigningKeyRecord): string => sealed.split('.', 2)[1] ?? ''

/**
 * Takes the private half out of a record.
 *
 * @throws Error when the record was sealed with none of the master keys, or is not as it was when it was sealed.
 */
export function unseal(record: SigningKeyRecord, masterKeys: readonly MasterKey[]): KeyObject {
  const [version, name = '', content = '', ...rest] = record.sealed.split('.')
  const sealed = decodeBase64Url(content)
  if (version !== VERSION || name === '' || sealed === undefined || rest.length > 0)
    throw new Error('it is sealed in a way that is not known')
  const masterKey = masterKeys.find((known) => known.name === name)
  if (masterKey === undefined) throw new Error(`it is sealed with another master key, ${JSON.stringify(name)}`)
  const privateKey = importPrivateKey(opened(masterKey, sealed, record))
  const fault = keyFault(record.alg, privateKey)
  if (fault !== undefined) throw new Error(fault)
  return privateKey
}

function opened({ bytes }: MasterKey, sealed: Uint8Array, record: OpenRecord): Uint8Array {
  try {
    return decrypt(bytes, sealed, authenticatedPart(record))
  } catch {
    throw new Error('it is not as it was when it was sealed')
  }
}

/** The same text for the same record, in whatever order a backend has put its members. */
const authenticatedPart = ({ kid, alg, publicKey, createdAt, signsFrom }: OpenRecord): string =>
  JSON.stringify(['signing key', kid, alg, Object.entries(publicKey).sort(byName), createdAt, signsFrom])

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1)
