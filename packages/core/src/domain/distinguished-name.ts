/** One attribute of a name, such as `CN=a`. */
export interface NameAttribute {
  /** Its object identifier, such as `2.5.4.3`. */
  readonly type: string
  /** `undefined` for a value that is no text of a kind that can be told. */
  readonly text: string | undefined
  /** The DER of the value in lower-case hex; `undefined` where only the text was written. */
  readonly der: string | undefined
}

/** A distinguished name in the order of a certificate: the most general first. Each part is a set of attributes. */
export type DistinguishedName = readonly (readonly NameAttribute[])[]

/** RFC 4514 §3, and those beside them that OpenSSL writes. In upper case, since their case does not matter. */
const TYPES: Readonly<Record<string, string>> = {
  CN: '2.5.4.3',
  SN: '2.5.4.4',
  SERIALNUMBER: '2.5.4.5',
  C: '2.5.4.6',
  L: '2.5.4.7',
  ST: '2.5.4.8',
  STREET: '2.5.4.9',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  TITLE: '2.5.4.12',
  GN: '2.5.4.42',
  UID: '0.9.2342.19200300.100.1.1',
  DC: '0.9.2342.19200300.100.1.25',
  EMAILADDRESS: '1.2.840.113549.1.9.1',
}

const TYPE = /(?:[A-Za-z][A-Za-z0-9-]*|(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))+)=/y
const HEX_VALUE = /#((?:[0-9A-Fa-f]{2})+)/y
/** What stands for itself, and the two kinds of escape. */
const PIECE = /[^\\"+,;<>\0]+|\\(?<escaped>[ "#+,;<=>\\])|\\(?<hex>[0-9A-Fa-f]{2})/uy

/**
 * Reads a distinguished name in the text form of RFC 4514, as `openssl x509 -noout -subject -nameopt RFC2253` prints it.
 *
 * @returns `undefined` for what is none, an empty one included.
 */
export function parseDistinguishedName(text: string): DistinguishedName | undefined {
  const reversed: (readonly NameAttribute[])[] = []
  let part: NameAttribute[] = []
  let at = 0
  for (;;) {
    const type = matchAt(TYPE, text, at)
    const read = type === undefined ? undefined : readValue(text, at + type[0].length)
    const name = type?.[0].slice(0, -1) ?? ''
    const oid = name.includes('.') ? name : TYPES[name.toUpperCase()]
    if (read === undefined || oid === undefined) return undefined
    part.push({ type: oid, text: read.text, der: read.der })
    at = read.end
    if (text[at] !== '+') {
      reversed.push(part)
      part = []
    }
    // The text begins with the most special part (RFC 4514 §2.1).
    if (at === text.length) return reversed.toReversed()
    at += 1
  }
}

interface ReadValue {
  readonly text: string | undefined
  readonly der: string | undefined
  readonly end: number
}

function readValue(text: string, from: number): ReadValue | undefined {
  const hex = matchAt(HEX_VALUE, text, from)
  if (hex !== undefined) {
    const end = from + hex[0].length
    return isEnd(text, end) ? { text: undefined, der: hex[1]?.toLowerCase(), end } : undefined
  }
  // RFC 4514 §2.4: these must be escaped where they stand first, and a space where it stands last.
  if (text[from] === ' ' || text[from] === '#') return undefined
  const bytes: number[] = []
  let end = from
  let last: RegExpExecArray | undefined
  for (let piece = matchAt(PIECE, text, end); piece !== undefined; piece = matchAt(PIECE, text, end)) {
    const { escaped, hex: pair } = piece.groups ?? {}
    if (pair === undefined) bytes.push(...Buffer.from(escaped ?? piece[0]))
    else bytes.push(Number.parseInt(pair, 16))
    end += piece[0].length
    last = piece
  }
  if (!isEnd(text, end) || (last?.groups?.['escaped'] === undefined && last?.[0].endsWith(' '))) return undefined
  try {
    return {
      text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(bytes)),
      der: undefined,
      end,
    }
  } catch {
    return undefined
  }
}

const isEnd = (text: string, at: number): boolean => at === text.length || text[at] === ',' || text[at] === '+'

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at
  return pattern.exec(text) ?? undefined
}

/**
 * Whether a certificate has the name that was registered: the same parts in the same order, each with the same attributes.
 * Types are compared as object identifiers; values by each character, so that nobody is taken for somebody of a similar name.
 */
export const hasName = (actual: DistinguishedName, registered: DistinguishedName): boolean =>
  actual.length === registered.length &&
  registered.every((part, index) => isSamePart(part, actual[index] as readonly NameAttribute[]))

/** The attributes of a part are a set. */
function isSamePart(registered: readonly NameAttribute[], actual: readonly NameAttribute[]): boolean {
  const left = [...actual]
  return (
    registered.length === actual.length &&
    registered.every((attribute) => {
      const found = left.findIndex((other) => isSameAttribute(attribute, other))
      return found >= 0 && left.splice(found, 1).length === 1
    })
  )
}

const isSameAttribute = (registered: NameAttribute, { type, text, der }: NameAttribute): boolean =>
  registered.type === type &&
  (registered.der === undefined ? text !== undefined && registered.text === text : registered.der === der)
