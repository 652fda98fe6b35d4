import { createPublicKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { JsonObject, JsonValue } from '@latchkey/core'
import type { Io } from '../cli/io.ts'
import { WrongCall } from '../cli/wrong-call.ts'

const MAX_BYTES = 1024 * 1024

/**
 * Reads the public keys in a file: a JWK Set or one JWK, a public key in PEM, or a certificate in PEM, which is kept with its
 * key.
 *
 * @returns a JWK Set, yet to be judged.
 * @throws WrongCall when the file cannot be read, or is nothing of the kind. It repeats nothing of what the file holds.
 */
export async function readKeys(path: string, { directory }: Pick<Io, 'directory'>): Promise<JsonObject> {
  const content = await readFile(resolve(directory, path), 'utf8').catch(() => undefined)
  if (content === undefined) throw new WrongCall([`--jwks: the file ${JSON.stringify(path)} cannot be read`])
  if (content.length > MAX_BYTES) throw new WrongCall(['--jwks: the file is too large to be a set of keys'])
  if (content.includes('PRIVATE KEY'))
    throw new WrongCall(['--jwks: the file holds a private key; give the public half alone, and keep that one'])
  const keys = content.includes('-----BEGIN ') ? keysInPem(content) : keysInJson(content)
  if (keys === undefined)
    throw new WrongCall(['--jwks: the file holds no JWK Set, no JWK, and no public key or certificate in PEM'])
  return { keys }
}

function keysInJson(content: string): readonly JsonValue[] | undefined {
  try {
    const value = JSON.parse(content) as JsonObject | null
    if (typeof value !== 'object' || value === null) return undefined
    const { keys } = value
    return Array.isArray(keys) ? keys : [value]
  } catch {
    return undefined
  }
}

function keysInPem(content: string): readonly JsonValue[] | undefined {
  try {
    if (!content.includes('-----BEGIN CERTIFICATE-----'))
      return [createPublicKey(content).export({ format: 'jwk' }) as JsonObject]
    const { publicKey, raw } = new X509Certificate(content)
    return [{ ...(publicKey.export({ format: 'jwk' }) as JsonObject), x5c: [raw.toString('base64')] }]
  } catch {
    return undefined
  }
}
