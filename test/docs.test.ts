import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  anchorOf,
  codeSpansIn,
  DOCUMENTS,
  FILES,
  fencedBlocksIn,
  headingsIn,
  linksIn,
  proseOf,
  ROOT,
  textOf,
} from './markdown.ts'

it('looks at the documents', () => {
  expect(DOCUMENTS).toEqual(
    expect.arrayContaining(['README.md', 'ARCHITECTURE.md', 'CONTEXT.md', 'docs/your-responsibilities.md']),
  )
})

describe('code in documents', () => {
  const INCLUDE = /^( *)```ts (?<source>\S+)\n[\s\S]*?^\1```$/gm

  /** A file of `examples/`, or the part of it between `#region name` and `#endregion`. */
  function included(source: string): string {
    const [file = '', region] = source.split('#')
    const text = textOf(file)
    const part = region === undefined ? text : text.split(`// #region ${region}\n`)[1]?.split('// #endregion\n')[0]
    if (part === undefined) throw new Error(`${file} has no region ${region}`)
    return part.replace(/^\/\/ #(?:end)?region.*\n/gm, '')
  }

  // `vitest run --project docs --update` writes the documents afresh.
  it.each(DOCUMENTS)('is the code of the examples, which run: %s', async (file) => {
    const markdown = textOf(file)
    const fresh = markdown.replace(
      INCLUDE,
      (_, _indent, source: string) => `\`\`\`ts ${source}\n${included(source)}\`\`\``,
    )
    await expect(fresh).toMatchFileSnapshot(join(ROOT, file))
  })

  it.each(DOCUMENTS)('names the example that it is of: %s', (file) => {
    const strangers = fencedBlocksIn(textOf(file)).filter(({ info }) => /^(?:ts|typescript|js|javascript)$/.test(info))
    expect(strangers).toEqual([])
  })

  it.each(DOCUMENTS)('is JSON where it says so: %s', (file) => {
    for (const { content } of fencedBlocksIn(textOf(file)).filter(({ info }) => info === 'json'))
      expect(() => JSON.parse(content) as unknown).not.toThrow()
  })
})

describe('links', () => {
  it.each(DOCUMENTS)('lead somewhere: %s', (file) => {
    const dead = linksIn(textOf(file)).filter((address) => {
      if (/^[a-z]+:/.test(address)) return false
      const [path = '', anchor] = address.split('#')
      const target = path === '' ? file : normalize(join(dirname(file), path))
      if (!existsSync(join(ROOT, target))) return true
      return anchor !== undefined && !headingsIn(textOf(target)).map(anchorOf).includes(anchor)
    })
    expect(dead).toEqual([])
  })
})

describe('paths', () => {
  /** A name with an ending that files of ours have, or a folder of ours; no placeholder and no pattern. */
  const PATH = /^(?:[\w@.-]+\/)*[\w.-]+\.(?:ts|mjs|json|jsonc|yaml|yml|md)$/
  const FOLDER = /^(?:packages|docs|examples|test|scripts|bench)\/(?:[\w.-]+\/)*$/

  it.each(DOCUMENTS)('exist: %s', (file) => {
    const missing = codeSpansIn(textOf(file)).filter((span) => {
      if (PATH.test(span)) return !FILES.some((known) => known === span || known.endsWith(`/${span}`))
      if (FOLDER.test(span)) return !FILES.some((known) => `/${known}`.includes(`/${span}`))
      return false
    })
    expect(missing).toEqual([])
  })
})

describe('commands', () => {
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }
  const BUILT_IN = ['install', 'exec']

  it.each(DOCUMENTS)('are scripts, run with the exact version of pnpm: %s', (file) => {
    const markdown = textOf(file)
    const named = [...markdown.matchAll(/pnpm@10\.34\.9((?: --?\S+)*) ([a-z][\w:-]*)/g)].map(([, , name = '']) => name)
    expect(named.filter((name) => !(name in scripts) && !BUILT_IN.includes(name))).toEqual([])
    expect(markdown.match(/npx(?: --?\S+)* pnpm(?!@10\.34\.9)\S*/g)).toBeNull()
  })
})

describe('the voice', () => {
  it.each(DOCUMENTS)('has no line that a reader must scroll to: %s', (file) => {
    const long = proseOf(textOf(file))
      .split('\n')
      .filter((line) => line.length > 130 && !line.startsWith('|') && !/https?:/.test(line))
    expect(long).toEqual([])
  })
})
