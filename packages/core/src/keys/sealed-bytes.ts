import { decrypt, encrypt } from '../crypto.ts'
import { decodeBase64Url } from '../jose/base64url.ts'
import type { MasterKey } from './master-key.ts'

const VERSION = 'v1'

/** Encrypts bytes under a master key, and says under which one; the text that goes with them is authenticated. */
export const sealBytes = (plain: Uint8Array, authenticated: string, { name, bytes }: MasterKey): string =>
  `${VERSION}.${name}.${Buffer.from(encrypt(bytes, plain, authenticated)).toString('base64url')}`

/** Which master key something was sealed with, by its name. */
export const sealedWith = (sealed: string): string => sealed.split('.', 2)[1] ?? ''

/** @throws Error when it was sealed with none of the master keys, or it or its text is not as it was then. */
export function unsealBytes(sealed: string, authenticated: string, masterKeys: readonly MasterKey[]): Uint8Array {
  const [version, name = '', content = '', ...rest] = sealed.split('.')
  const encrypted = decodeBase64Url(content)
  if (version !== VERSION || name === '' || encrypted === undefined || rest.length > 0)
    throw new Error('it is sealed in a way that is not known')
  const masterKey = masterKeys.find((known) => known.name === name)
  if (masterKey === undefined) throw new Error(`it is sealed with another master key, ${JSON.stringify(name)}`)
  try {
    return decrypt(masterKey.bytes, encrypted, authenticated)
  } catch {
    throw new Error('it is not as it was when it was sealed')
  }
}
