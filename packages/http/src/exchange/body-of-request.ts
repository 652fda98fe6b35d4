import { MAX_BODY_BYTES } from './refusal.ts'

/**
 * Reads the body of a `Request`, as far as the limit and no further.
 *
 * @returns `undefined` when it is larger; what is left of it is not read.
 * @throws what the stream fails with.
 */
export async function readBody(request: Request): Promise<Uint8Array | undefined> {
  const { body } = request
  if (Number(request.headers.get('content-length')) > MAX_BODY_BYTES) {
    await body?.cancel()
    return undefined
  }
  const chunks: Uint8Array[] = []
  let length = 0
  // Leaving the loop cancels the stream.
  for await (const chunk of body ?? []) {
    length += chunk.length
    if (length > MAX_BODY_BYTES) return undefined
    chunks.push(chunk)
  }
  return joined(chunks, length)
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = chunks
  if (chunks.length === 1 && only !== undefined) return only
  const whole = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    whole.set(chunk, offset)
    offset += chunk.length
  }
  return whole
}
