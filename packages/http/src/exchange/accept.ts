import { OAuthError } from '@latchkey/core'

/** How exactly a media range names `application/json` (RFC 9110 §12.5.1): the most exact one decides. */
const RANGES: ReadonlyMap<string, number> = new Map([
  ['*/*', 1],
  ['application/*', 2],
  ['application/json', 3],
])

const QUALITY = /^q=(?<value>0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i

/**
 * Refuses a request whose sender would not understand JSON, which is the only representation there is (RFC 9110 §12.5.1).
 *
 * @throws OAuthError `invalid_request` with status 406.
 */
export function checkAcceptsJson(accept: string | undefined): void {
  if (accept === undefined || acceptsJson(accept)) return
  throw new OAuthError('invalid_request', 'the answer is application/json only', { status: 406 })
}

function acceptsJson(accept: string): boolean {
  let exactness = 0
  let quality = 0
  let named = false
  for (const element of accept.split(',')) {
    const [range = '', ...parameters] = element.split(';').map((part) => part.trim())
    if (range === '') continue
    named = true
    const exact = RANGES.get(range.toLowerCase()) ?? 0
    if (exact === 0 || exact < exactness) continue
    // Of two ranges that are as exact as each other, the kinder one counts.
    quality = exact === exactness ? Math.max(quality, qualityOf(parameters)) : qualityOf(parameters)
    exactness = exact
  }
  return !named || quality > 0
}

/** 1 where none is given; a malformed one is no reason to withhold an answer. */
function qualityOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const value = QUALITY.exec(parameter)?.groups?.['value']
    if (value !== undefined) return Number(value)
  }
  return 1
}
