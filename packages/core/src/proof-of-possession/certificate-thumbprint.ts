import { sha256 } from '../crypto.ts'

/** What a token says of the certificate that it is bound to, in DER: its SHA-256 in base64url (RFC 8705 §3.1). */
export const certificateThumbprintOf = (der: Uint8Array): string => sha256(der)
