import type { JsonValue } from '../domain/json-value.ts'

const LONGEST_JTI = 256

/** Whether a claim is a `NumericDate` (RFC 7519 §2), which may have a fraction. */
export const isTime = (value: JsonValue | undefined): value is number =>
  typeof value === 'number' && Number.isFinite(value)

/** Why a JWT that passes once cannot be told from others by its `jti`; `undefined` where it can. */
export const faultInId = (jti: JsonValue | undefined): string | undefined =>
  typeof jti === 'string' && jti !== '' && jti.length <= LONGEST_JTI
    ? undefined
    : 'its jti is no text of 1 to 256 characters'
