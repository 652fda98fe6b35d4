import { createHash, hkdfSync } from 'node:crypto'

/** As many bytes as Node wants for a name, a key that encrypts and one that authenticates. */
const TICKET_KEYS_BYTES = 48

/**
 * The keys of session tickets (RFC 5077 §4), where several processes are to have the same. They hang on all that a server
 * is given, so that a session which began under another certificate is not resumed.
 *
 * @param settings what is served with; without its secret the server draws keys of its own.
 */
export function ticketKeysOf<Settings extends { readonly ticketSecret?: Uint8Array | undefined }>(
  settings: Settings,
): { readonly ticketKeys?: Buffer } {
  const { ticketSecret, ...context } = settings
  if (ticketSecret === undefined) return {}
  const digest = createHash('sha256').update(JSON.stringify(context)).digest()
  return {
    ticketKeys: Buffer.from(hkdfSync('sha256', ticketSecret, digest, 'latchkey session tickets', TICKET_KEYS_BYTES)),
  }
}
