import { CompactSign, type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import type { ReplayGuard } from '../src/index.ts'
import { ISSUER, NOW } from './test-server.ts'

/** A key that a client proves, and what tokens are bound to by it. */
export interface ClientKey {
  readonly alg: string
  readonly privateKey: CryptoKey
  readonly jwk: JWK
  readonly jkt: string
}

export async function makeClientKey(alg = 'ES256'): Promise<ClientKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = await exportJWK(publicKey)
  return { alg, privateKey, jwk, jkt: await calculateJwkThumbprint(jwk) }
}

export const TOKEN_ADDRESS = `${ISSUER}/oauth2/token`

/** What is to be different about a proof; a member that is `undefined` is left out. */
export interface ProofChanges {
  readonly header?: Readonly<Record<string, unknown>>
  readonly claims?: Readonly<Record<string, unknown>>
}

let made = 0

/** A proof that is good at the second at which every test begins, but for the changes. */
export function proofOf(
  { alg, privateKey, jwk }: Omit<ClientKey, 'jkt'>,
  { header, claims }: ProofChanges = {},
): Promise<string> {
  made += 1
  const payload = { jti: `proof ${made}`, htm: 'POST', htu: TOKEN_ADDRESS, iat: NOW, ...claims }
  const written = JSON.parse(JSON.stringify({ alg, typ: 'dpop+jwt', jwk, ...header })) as { alg: string }
  return new CompactSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader(written)
    .sign(privateKey, { crit: { 'urn:example': true } })
}

/** An honest guard in plain sight. */
export interface ReplaysInSight extends ReplayGuard {
  readonly claimed: Map<string, number>
  fault: Error | undefined
}

export function replaysInSight(): ReplaysInSight {
  const claimed = new Map<string, number>()
  return {
    claimed,
    fault: undefined,
    async claim(key, expiresAt) {
      if (this.fault !== undefined) throw this.fault
      if (claimed.has(key)) return false
      claimed.set(key, expiresAt)
      return true
    },
  }
}
