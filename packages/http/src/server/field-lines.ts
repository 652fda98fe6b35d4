import type { IncomingMessage } from 'node:http'
import type { OAuthError } from '@latchkey/core'
import { missingHost, repeatedField } from '../exchange/refusal.ts'

/**
 * What is wrong with the lines of a request's header: a field that came in more lines than it may, or no `Host`. Node keeps
 * the first of such fields or joins them, so that only the raw lines show it.
 */
export function headerFault({ rawHeaders, headers, httpVersionMinor }: IncomingMessage): OAuthError | undefined {
  let seen = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string
    const bit = bitOf(name)
    if (bit === 0) continue
    if ((seen & bit) !== 0) return repeatedField(name.toLowerCase())
    seen |= bit
  }
  return headers.host === undefined && httpVersionMinor > 0 ? missingHost() : undefined
}

/** The length of a name tells most of them apart, so that few are compared. */
function bitOf(name: string): number {
  switch (name.length) {
    case 4:
      return isNamed(name, 'host') ? 1 : isNamed(name, 'dpop') ? 2 : 0
    case 12:
      return isNamed(name, 'content-type') ? 4 : 0
    case 13:
      return isNamed(name, 'authorization') ? 8 : 0
    case 14:
      return isNamed(name, 'content-length') ? 16 : 0
    default:
      return 0
  }
}

const isNamed = (name: string, wanted: string): boolean => name === wanted || name.toLowerCase() === wanted
