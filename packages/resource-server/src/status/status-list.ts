import type { JsonObject, JsonValue } from '@latchkey/core'

/** A list of statuses, unpacked (draft-ietf-oauth-status-list §4). */
export interface StatusList {
  /** The status at an index, 0 for a token that is valid; `undefined` beyond the end. */
  at(index: number): number | undefined
}

/** As many bytes as a list may have unpacked: eight million tokens of one bit each. What is packed may be a bomb. */
const MAX_BYTES = 1024 * 1024

const BITS: readonly (JsonValue | undefined)[] = [1, 2, 4, 8]
const BASE64URL = /^[\w-]+$/

/**
 * Reads the member `status_list` of a list.
 *
 * @throws TypeError when it is none, or too large.
 */
export async function readStatusList(member: JsonValue | undefined): Promise<StatusList> {
  const { bits, lst } = (typeof member === 'object' && member !== null ? member : {}) as JsonObject
  if (!BITS.includes(bits)) throw new TypeError('bits is not 1, 2, 4 or 8')
  if (typeof lst !== 'string' || !BASE64URL.test(lst)) throw new TypeError('lst is no base64url')
  const width = bits as number
  const bytes = await inflated(Uint8Array.from(atob(lst.replaceAll('-', '+').replaceAll('_', '/')), codeOf))
  const perByte = 8 / width
  return {
    at(index) {
      const byte = bytes[Math.floor(index / perByte)]
      // From the lowest bit up.
      return byte === undefined ? undefined : (byte >> ((index % perByte) * width)) & (2 ** width - 1)
    },
  }
}

const codeOf = (character: string): number => character.charCodeAt(0)

/** @throws TypeError when it is not in the format of zlib, or longer than a list may be. */
async function inflated(packed: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'))) {
    length += chunk.byteLength
    // Leaving the loop gives the rest up.
    if (length > MAX_BYTES) throw new TypeError(`the list is longer than ${MAX_BYTES} bytes`)
    chunks.push(chunk)
  }
  const bytes = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.byteLength
  }
  return bytes
}
