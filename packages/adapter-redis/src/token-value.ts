import type { AccessTokenRecord } from '@latchkey/core'
import { broken, parsed } from './broken.ts'

/** What the key of a revoked token holds. Its time to live says how long. */
export const REVOKED = 'revoked/1'

const MARK = 'token/1:'

type Members = readonly [
  clientId: string,
  credentialId: string | null,
  subject: string,
  scopes: readonly string[],
  audience: readonly string[],
  issuedAt: number,
  expiresAt: number,
  // Those at the end are left out where there are none.
  ...more:
    | []
    | [claims: AccessTokenRecord['claims']]
    | [claims: AccessTokenRecord['claims'] | null, confirmation: AccessTokenRecord['confirmation']],
]

/** A record without the names of its members, which would take as much memory as they do. */
export function tokenValue(record: AccessTokenRecord): string {
  const { clientId, credentialId = null, subject, scopes, audience, issuedAt, expiresAt, claims, confirmation } = record
  const members = [clientId, credentialId, subject, scopes, audience, issuedAt, expiresAt] as const
  const more = confirmation !== undefined ? [claims ?? null, confirmation] : claims !== undefined ? [claims] : []
  return MARK + JSON.stringify([...members, ...more])
}

/**
 * What the key of a token says.
 *
 * @returns `undefined` when it is revoked.
 * @throws TypeError when it cannot be read.
 */
export function readTokenValue(id: AccessTokenRecord['id'], value: unknown): AccessTokenRecord | undefined {
  if (value === REVOKED) return undefined
  if (typeof value !== 'string' || !value.startsWith(MARK)) throw broken('a token')
  const members = parsed(value.slice(MARK.length), 'a token')
  if (!isMembers(members)) throw broken('a token')
  const [clientId, credentialId, subject, scopes, audience, issuedAt, expiresAt, claims, confirmation] = members
  return {
    id,
    clientId,
    ...(credentialId !== null && { credentialId }),
    subject,
    scopes,
    audience,
    issuedAt,
    expiresAt,
    ...(confirmation !== undefined && { confirmation }),
    ...(claims !== undefined && claims !== null && { claims }),
  }
}

/** As far as the list goes: what each member must be, the core judges for every adapter. */
const isMembers = (value: unknown): value is Members => Array.isArray(value) && value.length >= 7 && value.length <= 9
