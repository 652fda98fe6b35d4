import { sha256 } from '../crypto.ts'

/** How much longer a claim is kept than what it is of is believed anywhere, in seconds: nodes may differ in their time. */
export const CLAIM_MARGIN = 60

/**
 * What a `ReplayGuard` is to claim of something that passes once. It tells nothing of the parts, and the length stands before
 * each of them, so that no two lists of parts have one key by running together.
 */
export const claimKeyOf = (kind: 'assertion' | 'dpop', parts: readonly string[]): string =>
  `${kind}:${sha256(parts.map((part) => `${part.length}:${part}`).join(''))}`
