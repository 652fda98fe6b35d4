import { STATUS_CODES } from 'node:http'
import type { EndpointResponse } from '@latchkey/core'
import { SECURITY_HEADERS } from '../exchange/security-headers.ts'

/** An answer as the bytes of HTTP, for connections on which nothing can be read any more. It is the last one on its connection. */
export function rawAnswer({ status, headers, body }: EndpointResponse): string {
  const fields = {
    ...SECURITY_HEADERS,
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
    date: new Date().toUTCString(),
    connection: 'close',
  }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`)
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, '', body].join('\r\n')
}
