import type { IncomingMessage } from 'node:http'
import { MAX_BODY_BYTES } from '../exchange/refusal.ts'

/** What of the header of a form has a meaning to its endpoint. */
export interface UsualForm {
  readonly authorization: string | undefined
  readonly dpop: string | undefined
  readonly accept: string | undefined
}

export const FORM_TYPE = 'application/x-www-form-urlencoded'

/**
 * Reads the header of a request that is a form as nearly all clients send them: of a known size within the limit, with
 * nothing about its fields that would have to be refused, joined or negotiated. `undefined` for every other request.
 *
 * The lines are read as they came, once: what Node makes of them takes longer than this, and hides what came twice.
 */
export function usualForm({ method, rawHeaders }: IncomingMessage): UsualForm | undefined {
  if (method !== 'POST') return undefined
  let host: string | undefined
  let contentType: string | undefined
  let contentLength: string | undefined
  let authorization: string | undefined
  let dpop: string | undefined
  let accept: string | undefined
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string
    // The length tells most of them apart, so that few are written in lower case.
    if (!LENGTHS.has(name.length)) continue
    const value = rawHeaders[index + 1] as string
    switch (name.toLowerCase()) {
      case 'host':
        if (host !== undefined) return undefined
        host = value
        break
      case 'content-type':
        if (contentType !== undefined) return undefined
        contentType = value
        break
      case 'content-length':
        if (contentLength !== undefined) return undefined
        contentLength = value
        break
      case 'authorization':
        if (authorization !== undefined) return undefined
        authorization = value
        break
      case 'dpop':
        if (dpop !== undefined) return undefined
        dpop = value
        break
      case 'accept':
        if (accept !== undefined) return undefined
        accept = value
        break
      case 'expect':
        return undefined
    }
  }
  return host !== undefined && contentType === FORM_TYPE && Number(contentLength) <= MAX_BODY_BYTES
    ? { authorization, dpop, accept }
    : undefined
}

const LENGTHS: ReadonlySet<number> = new Set(
  ['host', 'content-type', 'content-length', 'authorization', 'dpop', 'accept', 'expect'].map(({ length }) => length),
)
