import { createDecipheriv, createPrivateKey } from 'node:crypto'
import type { SigningKeyRecord } from '@latchkey/core'

/** A signing key as whoever has the master key sees it. */
export interface OpenedKey {
  readonly alg: string
  readonly pem: string
  readonly der: Uint8Array
  readonly jwk: string
  /** What of it nobody else may see: each is in one of the forms of the key, and none in its public half. */
  readonly parts: readonly (string | Uint8Array)[]
}

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi']
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Opens a kept key with nothing of the service's own. That it is a key at all shows that it was opened as it was sealed. */
export function openedKey({ alg, sealed }: SigningKeyRecord, masterKey: string): OpenedKey {
  const bytes = Buffer.from(sealed.split('.')[2] ?? '', 'base64url')
  const nonce = bytes.subarray(0, NONCE_BYTES)
  const decipher = createDecipheriv('aes-256-gcm', Buffer.from(masterKey, 'base64url'), nonce, {
    authTagLength: TAG_BYTES,
  })
  const der = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES))
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const pem = key.export({ format: 'pem', type: 'pkcs8' }).toString()
  const jwk = key.export({ format: 'jwk' }) as Readonly<Record<string, string>>
  const members = Object.entries(jwk).flatMap(([name, value]) => (PRIVATE_MEMBERS.includes(name) ? [value] : []))
  return {
    alg,
    pem,
    der,
    jwk: JSON.stringify(jwk),
    parts: [...members, ...members.map((member) => Buffer.from(member, 'base64url')), privateLineOf(pem, jwk)],
  }
}

/** PEM breaks what it encodes into lines, and the private half of an RSA key begins after its public one. */
function privateLineOf(pem: string, { kty }: Readonly<Record<string, string>>): string {
  const lines = pem.trim().split('\n').slice(1, -1)
  return (kty === 'RSA' ? lines.at(-2) : lines[0]) ?? ''
}
