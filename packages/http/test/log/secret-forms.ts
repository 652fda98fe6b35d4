/**
 * Every form in which a secret could stand in a log or a file: as it is, percent-encoded, as hexadecimal digits, and as
 * base64. One character stands for each byte of a secret that is no text.
 */
export function formsOf(secret: string | Uint8Array): readonly string[] {
  const bytes = Buffer.from(secret)
  const asItIs = typeof secret === 'string' ? secret : bytes.toString('latin1')
  const escaped = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
  return [
    asItIs,
    encodeURIComponent(asItIs),
    escaped,
    escaped.toUpperCase(),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    ...[0, 1, 2].flatMap((offset) => [base64Within(bytes, offset), base64Within(bytes, offset, 'base64url')]),
  ]
}

/** The characters of base64 that a secret has wherever it stands after so many other bytes: those at its edges are shared. */
function base64Within(secret: Buffer, offset: number, encoding: 'base64' | 'base64url' = 'base64'): string {
  const text = Buffer.concat([Buffer.alloc(offset), secret])
    .toString(encoding)
    .replaceAll('=', '')
  const first = Math.ceil((offset * 8) / 6)
  const bits = (offset + secret.length) * 8
  return text.slice(first, Math.floor(bits / 6))
}

/** The forms of these secrets that stand in a text. */
export const foundIn = (text: string, secrets: readonly string[]): readonly string[] =>
  secrets.flatMap((secret) => formsOf(secret).filter((form) => text.includes(form)))
