/** One value of DER (X.690 §10). */
export interface DerValue {
  /** The identifier octet, with class and form. */
  readonly tag: number
  readonly content: Uint8Array
  /** The whole of it, identifier and length included. */
  readonly encoded: Uint8Array
}

/**
 * Reads values that stand one behind the other, and nothing else: no indefinite length, no length in more octets than it
 * takes, no tag of several octets. Certificates have none of these.
 *
 * @throws RangeError for anything else.
 */
export function readDer(bytes: Uint8Array): readonly DerValue[] {
  const values: DerValue[] = []
  let at = 0
  while (at < bytes.length) {
    const tag = octetAt(bytes, at)
    if ((tag & 0x1f) === 0x1f) throw unreadable()
    const { length, start } = readLength(bytes, at + 1)
    const end = start + length
    if (end > bytes.length) throw unreadable()
    values.push({ tag, content: bytes.subarray(start, end), encoded: bytes.subarray(at, end) })
    at = end
  }
  return values
}

function readLength(bytes: Uint8Array, at: number): { readonly length: number; readonly start: number } {
  const first = octetAt(bytes, at)
  if (first < 0x80) return { length: first, start: at + 1 }
  const count = first & 0x7f
  if (count < 1 || count > 3) throw unreadable()
  let length = 0
  for (let index = 1; index <= count; index += 1) length = length * 256 + octetAt(bytes, at + index)
  if (length < 0x80 || length < 256 ** (count - 1)) throw unreadable()
  return { length, start: at + 1 + count }
}

/** An object identifier in dotted decimals (X.690 §8.19). @throws RangeError */
export function readObjectIdentifier(content: Uint8Array): string {
  const arcs: number[] = []
  let arc = 0
  for (const [index, octet] of content.entries()) {
    arc = arc * 128 + (octet & 0x7f)
    if (!Number.isSafeInteger(arc)) throw unreadable()
    if (octet < 0x80) {
      arcs.push(arc)
      arc = 0
    } else if (index === content.length - 1) throw unreadable()
  }
  const [first, ...others] = arcs
  if (first === undefined) throw unreadable()
  const root = Math.min(2, Math.floor(first / 40))
  return [root, first - root * 40, ...others].join('.')
}

function octetAt(bytes: Uint8Array, at: number): number {
  const octet = bytes[at]
  if (octet === undefined) throw unreadable()
  return octet
}

const unreadable = (): RangeError => new RangeError('the DER cannot be read')
