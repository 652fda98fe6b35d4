import type { EndpointResponse } from '@latchkey/core'
import type { FastifyReply } from 'fastify'

/** Sends an answer as it is, byte for byte. */
export function send(reply: FastifyReply, { status, headers, body }: EndpointResponse): void {
  reply.code(status).headers(headers)
  // A body without a content type would get one from Fastify, and JSON a charset, which it does not have (RFC 8259 §11).
  if (body === '') reply.send()
  else reply.serializer(asItIs).send(body)
}

const asItIs = (body: unknown): string => body as string
