import { createGunzip } from 'node:zlib'
import { DocumentRefused } from './document-refused.ts'

/** What {@link decodedBody} takes. */
export interface EncodedBody {
  readonly chunks: AsyncIterable<Uint8Array>
  /** `Content-Encoding`, where there is one. */
  readonly encoding: string | undefined
  /** In bytes, once decoded. */
  readonly most: number
}

/**
 * The text of a body. It is counted while it is decoded, so that a small body which stands for a huge one is never held.
 *
 * @throws DocumentRefused when it is longer than `most`, is encoded otherwise than by gzip, or is no UTF-8.
 */
export async function decodedBody({ chunks, encoding, most }: EncodedBody): Promise<string> {
  const coding = (encoding ?? 'identity').trim().toLowerCase()
  if (coding !== 'identity' && coding !== 'gzip' && coding !== 'x-gzip')
    throw new DocumentRefused('it is encoded in an unknown way')
  const decoded: Uint8Array[] = []
  let length = 0
  for await (const chunk of coding === 'identity' ? chunks : unzipped(chunks)) {
    length += chunk.length
    if (length > most) throw new DocumentRefused(`it is longer than ${most} bytes`)
    decoded.push(chunk)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(decoded))
  } catch {
    throw new DocumentRefused('it is no UTF-8')
  }
}

/** Leaving the loop over it ends the source too: nobody reads on for the sake of what is not wanted. */
async function* unzipped(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip()
  let brokenOff: Error | undefined
  const feeding = (async () => {
    try {
      for await (const chunk of chunks) {
        if (gunzip.destroyed) return
        if (!gunzip.write(chunk)) await drained(gunzip)
      }
      gunzip.end()
    } catch (error) {
      brokenOff = error instanceof Error ? error : new Error('the body broke off')
      gunzip.destroy(brokenOff)
    }
  })()
  try {
    for await (const chunk of gunzip) yield chunk as Uint8Array
    await feeding
  } catch (error) {
    throw brokenOff ?? new DocumentRefused('it is not what gzip makes', { cause: error })
  } finally {
    gunzip.destroy()
  }
}

const drained = (gunzip: ReturnType<typeof createGunzip>): Promise<void> =>
  new Promise((resolve) => {
    gunzip.once('drain', resolve)
    gunzip.once('close', resolve)
  })
