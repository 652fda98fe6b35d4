import { OAuthError } from '@latchkey/core'
import type { FastifyRequest } from 'fastify'
import { bodyTooLarge, MAX_BODY_BYTES, malformedRequest } from '../exchange/refusal.ts'

/**
 * What an error that reached Fastify means to the client. Of Fastify's own errors only the code is looked at: their
 * messages repeat what was sent.
 */
export function refusalOf(thrown: unknown, { headers }: FastifyRequest): unknown {
  if (thrown instanceof OAuthError) return thrown
  const { code, statusCode } = thrown as { readonly code?: unknown; readonly statusCode?: unknown }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return bodyTooLarge()
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return unreadableContentType(headers['content-length'])
  // The body ended before its time, or the like: nothing that we did.
  return statusCode === 400 ? malformedRequest() : thrown
}

/** The size is judged before the type, whatever Fastify looks at first. */
const unreadableContentType = (contentLength: string | undefined): OAuthError =>
  Number(contentLength) > MAX_BODY_BYTES
    ? bodyTooLarge()
    : new OAuthError('invalid_request', 'Content-Type must be application/x-www-form-urlencoded')
