import { isSharedSecretAlgorithm, type SharedKeyEncryption } from '@latchkey/core'
import type { SigningSettings } from './config.ts'
import type { ReadFile } from './environment.ts'
import { contentOf } from './key-material.ts'
import type { GivenSettings } from './settings.ts'

type Complain = (problem: string) => void

/** How JWTs are signed, as far as the settings say. Whether the keys are any good is found out when they are opened. */
export function signingOf(given: GivenSettings, readFile: ReadFile, complain: Complain): SigningSettings {
  const { LATCHKEY_SIGNING_ALG: algorithms, LATCHKEY_SIGNING_KEY: key, LATCHKEY_JWT_SECRET: jwtSecret } = given
  const [alg, ...otherAlgs] = algorithms ?? []
  const isShared = alg !== undefined && isSharedSecretAlgorithm(alg)
  if (isShared && jwtSecret === undefined) complain(`LATCHKEY_SIGNING_ALG: ${alg} needs LATCHKEY_JWT_SECRET`)
  if (!isShared && jwtSecret !== undefined)
    complain('LATCHKEY_JWT_SECRET needs LATCHKEY_SIGNING_ALG to be HS256, HS384 or HS512')
  if (jwtSecret !== undefined && key !== undefined)
    complain('LATCHKEY_JWT_SECRET and LATCHKEY_SIGNING_KEY must not both be set')
  if (otherAlgs.length > 0 && key !== undefined)
    complain(
      'LATCHKEY_SIGNING_ALG must be one algorithm where LATCHKEY_SIGNING_KEY is set: each of its keys has its own',
    )
  const { LATCHKEY_MASTER_KEY: masterKey, LATCHKEY_MASTER_KEY_PREVIOUS: previousMasterKey } = given
  if (previousMasterKey !== undefined && masterKey === undefined)
    complain(
      'LATCHKEY_MASTER_KEY_PREVIOUS needs LATCHKEY_MASTER_KEY: a new key is never encrypted with the one of before',
    )
  return {
    alg,
    otherAlgs,
    key: key === undefined ? undefined : contentOf('LATCHKEY_SIGNING_KEY', key, readFile, complain),
    jwtSecret,
    masterKey,
    previousMasterKey,
    encryption: encryptionOf(given, complain),
  }
}

function encryptionOf(given: GivenSettings, complain: Complain): SharedKeyEncryption | undefined {
  const { LATCHKEY_JWT_ENCRYPTION: way, LATCHKEY_JWT_ENCRYPTION_KEY: key } = given
  if (way === undefined && key === undefined) return undefined
  if (way === undefined || key === undefined) {
    complain('LATCHKEY_JWT_ENCRYPTION and LATCHKEY_JWT_ENCRYPTION_KEY must be set together')
    return undefined
  }
  const [alg, enc] = way.split('+') as [SharedKeyEncryption['alg'], SharedKeyEncryption['enc']]
  return { alg, enc, key }
}
