import { createHash } from 'node:crypto'
import { derOfEscapedPem } from './certificate-bytes.ts'

/** What one proxy wrote into the header: keys in lower case, in its order. */
type Element = readonly (readonly [key: string, value: string])[]

const PAIR = /([A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^",;]*))/y

/** Names of the client that Envoy writes without quotes, whatever is in them. */
const UNQUOTED_NAMES: ReadonlySet<string> = new Set(['uri', 'dns'])

/**
 * The certificate in `X-Forwarded-Client-Cert`: that of the last element, which the nearest proxy wrote. What stands before
 * it came from further away.
 *
 * Envoy puts the URIs and DNS names of a certificate there as they are, so that a client could have commas and semicolons in
 * them, and with these write keys and elements of its own. Therefore the certificate must be there once, with its own hash,
 * and no element may follow one that has such names.
 *
 * @throws RangeError that says what is wrong, and repeats nothing of it.
 */
export function certificateOfEnvoy(header: string): Uint8Array {
  const elements = elementsOf(header)
  const last = elements.at(-1) ?? []
  if (elements.slice(0, -1).some((element) => element.some(([key]) => UNQUOTED_NAMES.has(key))))
    throw new RangeError('an element follows one with URI or DNS, which a client could have written itself')
  const der = derOfEscapedPem(onlyOne(last, 'cert'))
  if (onlyOne(last, 'hash').toLowerCase() !== createHash('sha256').update(der).digest('hex'))
    throw new RangeError('Hash is not that of Cert')
  return der
}

function onlyOne(element: Element, wanted: string): string {
  const [found, another] = element.filter(([key]) => key === wanted)
  if (found === undefined) throw new RangeError(`the last element has no ${wanted}`)
  if (another !== undefined) throw new RangeError(`the last element has ${wanted} twice`)
  return found[1]
}

/** Elements divided by commas, of pairs divided by semicolons; within quotes both are text. */
function elementsOf(header: string): readonly Element[] {
  const elements: (readonly [string, string])[][] = [[]]
  let at = 0
  for (;;) {
    PAIR.lastIndex = at
    const [pair, key = '', quoted, plain = ''] = PAIR.exec(header) ?? []
    if (pair === undefined) throw new RangeError('it is not pairs of keys and values')
    elements.at(-1)?.push([key.toLowerCase(), quoted ?? plain])
    at += pair.length
    const next = header[at]
    if (next === undefined) return elements
    if (next === ',') elements.push([])
    else if (next !== ';') throw new RangeError('something follows a value in quotes')
    at += 1
    while (next === ',' && header[at] === ' ') at += 1
  }
}
