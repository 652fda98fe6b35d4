import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { handOnWholeLines } from '../../src/workers/whole-lines.ts'

/** What is handed on of chunks, each as it was. */
async function handedOn(chunks: readonly (string | Uint8Array)[]): Promise<readonly string[]> {
  const written: string[] = []
  const from = new PassThrough()
  handOnWholeLines(from, { write: (text) => written.push(text) })
  for (const chunk of chunks) {
    from.write(chunk)
    await new Promise((resolve) => setImmediate(resolve))
  }
  from.end()
  return written
}

describe('what a worker logs', () => {
  it('is handed on in whole lines, as many at a time as came', async () => {
    expect(await handedOn(['a\nb\n', 'c\n'])).toEqual(['a\nb\n', 'c\n'])
    expect(await handedOn(['a', 'b', '', 'c\nd', 'e\n'])).toEqual(['abc\n', 'de\n'])
    const long = 'x'.repeat(100_000)
    expect(await handedOn([long, `${long}\n`])).toEqual([`${long}${long}\n`])
  })

  it('keeps its letters where a chunk ends within one', async () => {
    const bytes = Buffer.from('{"client":"日本"}\n')
    for (let cut = 1; cut < bytes.length; cut++)
      expect((await handedOn([bytes.subarray(0, cut), bytes.subarray(cut)])).join('')).toBe('{"client":"日本"}\n')
  })

  it('is not handed on where a line has no end, since whoever reads lines could read nothing of it', async () => {
    expect(await handedOn(['whole\n{"half'])).toEqual(['whole\n'])
  })
})
