import type { Socket } from 'node:net'
import { errorResponse } from '@latchkey/core'
import { bodyTooLarge, malformedRequest, type TellRefusal } from '../exchange/refusal.ts'
import { closeLingering } from './lingering-close.ts'
import { rawAnswer } from './raw-answer.ts'

/** What Node knows of a connection on which it could read no request. It holds the bytes too, and those are left alone. */
interface ConnectionError {
  readonly code?: string
}

/**
 * Answers what is no HTTP. Of the error only the code is looked at: its message and the packet beside it are the
 * stranger's, with whatever secrets are in them.
 */
export const createClientErrorHandler =
  (tellRefusal: TellRefusal, nextRequestId: () => string) =>
  ({ code }: ConnectionError, socket: Socket): void => {
    // After the answer more of the same may arrive; it is being thrown away already.
    if (socket.writableEnded) return
    const refusal = refusalFor(code)
    if (refusal === undefined || !socket.writable) {
      socket.destroy()
      return
    }
    tellRefusal({ requestId: nextRequestId(), thrown: refusal })
    closeLingering(socket, rawAnswer(errorResponse(refusal)))
  }

/** `undefined` where nobody would hear the answer: a connection that was reset, a handshake that failed. */
function refusalFor(code: string | undefined) {
  if (code === 'HPE_HEADER_OVERFLOW') return malformedRequest(431)
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return bodyTooLarge()
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return malformedRequest(408)
  return code?.startsWith('HPE_') ? malformedRequest() : undefined
}
