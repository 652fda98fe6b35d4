import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's folder. */
export const ROOT: string = fileURLToPath(new URL('..', import.meta.url))

const UNSEEN = new Set(['node_modules', 'dist', '.git', 'coverage'])

function* walk(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (UNSEEN.has(entry.name)) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* walk(path)
    else yield relative(ROOT, path).split(sep).join('/')
  }
}

/** Every file of the repository, relative to its folder, with `/` between the names. */
export const FILES: readonly string[] = [...walk(ROOT)]

/** The text of a file of the repository. */
export const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

/** Every document that a reader may open. */
export const DOCUMENTS: readonly string[] = FILES.filter(
  (file) => file.endsWith('.md') && !file.startsWith('.changeset/') && !file.endsWith('CHANGELOG.md'),
)

/** A fenced block: what stands behind the three backticks, and what stands inside. */
export interface FencedBlock {
  readonly info: string
  readonly content: string
}

const FENCE = /^( *)```(.*)\n([\s\S]*?)^\1```$/gm

/** The fenced blocks of a document. */
export const fencedBlocksIn = (markdown: string): readonly FencedBlock[] =>
  [...markdown.matchAll(FENCE)].map(([, , info = '', content = '']) => ({ info: info.trim(), content }))

/** A document without its fenced blocks. */
export const proseOf = (markdown: string): string => markdown.replace(FENCE, '')

/** What stands between single backticks, tables included. */
export const codeSpansIn = (markdown: string): readonly string[] =>
  [...proseOf(markdown).matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span)

/** The addresses that a document links to. */
export const linksIn = (markdown: string): readonly string[] =>
  [...proseOf(markdown).matchAll(/\]\(([^)\s]+)\)/g)].map(([, address = '']) => address)

/** The headings of a document, without their marks. */
export const headingsIn = (markdown: string): readonly string[] =>
  [...proseOf(markdown).matchAll(/^#+ +(.+)$/gm)].map(([, heading = '']) => heading)

/** The anchor that GitHub gives to a heading. */
export const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-')

/** The rows of the table whose header begins with `first`, cell by cell, without the header. */
export function tableIn(markdown: string, first: string): readonly (readonly string[])[] {
  const lines = markdown.split('\n')
  const header = lines.findIndex((line) => line.startsWith(`| ${first} |`))
  if (header === -1) throw new Error(`there is no table that begins with ${first}`)
  const rows = lines.slice(header + 2)
  const end = rows.findIndex((line) => !line.startsWith('|'))
  return rows.slice(0, end === -1 ? rows.length : end).map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  )
}

/** A cell that holds one code span, without its backticks. */
export const unquoted = (cell: string | undefined): string => (cell ?? '').replaceAll('`', '')
