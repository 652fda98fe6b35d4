import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { allProofs, faultsIn, render, target } from '../scripts/generators/rfc-coverage.mjs'
import { CHAPTERS } from './requirements.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const proofs = allProofs()

describe('the coverage of requirements', () => {
  it('is whole: every requirement that is said to hold is named by a test, and every test names one that there is', () => {
    expect(faultsIn(CHAPTERS, proofs)).toEqual([])
  })

  it('is read from tests that run', { timeout: 60_000 }, async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['node_modules/vitest/vitest.mjs', 'list', '--json', '--project', 'protocol'],
      { cwd: ROOT, maxBuffer: 2 ** 26 },
    )
    const running = JSON.parse(stdout.slice(stdout.indexOf('['))) as { readonly name: string; readonly file: string }[]
    const ids = new Set(
      running.flatMap(({ name }) => / · ([A-Z]\d+(?:, [A-Z]\d+)*) · /.exec(name)?.[1]?.split(', ') ?? []),
    )
    const named = new Set(proofs.flatMap(({ id }) => id.split(', ')))
    expect([...named].filter((id) => !ids.has(id))).toEqual([])
  })

  it('is written down as it is: run `pnpm generate` after a change', () => {
    expect(readFileSync(`${ROOT}/${target}`, 'utf8')).toBe(render())
  })
})

describe('the check of the coverage', () => {
  const requirement = (id: string, more: { readonly later?: true } = {}) =>
    ({ id, text: 'A sentence.', source: 'RFC 6749 §3.2', level: 'MUST', ...more }) as const
  const faults = (requirements: readonly ReturnType<typeof requirement>[], ...ids: string[]) =>
    faultsIn(
      [{ name: 'A chapter', requirements }],
      ids.map((id) => ({ id, file: 'a.test.ts' })),
    )

  it('finds a requirement that no test names', () => {
    expect(faults([requirement('A1'), requirement('A2')], 'A1')).toEqual(['A2 is named by no test'])
  })

  it('finds a test that names what does not exist', () => {
    expect(faults([requirement('A1')], 'A1, A3')).toEqual(['a.test.ts names A3, which does not exist'])
  })

  it('finds a requirement that is to come and has a test already', () => {
    expect(faults([requirement('A1', { later: true })], 'A1')).toEqual(['A1 is to come, and has a test'])
    expect(faults([requirement('A1', { later: true })])).toEqual([])
  })

  it('finds an id that is given twice', () => {
    expect(faults([requirement('A1'), requirement('A1')], 'A1')).toEqual(['A1 is given twice'])
  })
})
