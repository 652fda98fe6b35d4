import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { parseSync } from 'oxc-parser'

/** One file of a package, by its path inside the repository with forward slashes, and all it reaches for. */
export interface SourceFile {
  readonly path: string
  readonly imports: readonly Import[]
  /** Whether it names the global `process`, which is the door to the environment. */
  readonly namesProcess: boolean
  readonly hasDecorators: boolean
}

export interface Import {
  /** `undefined` when it is computed at run time: `import(name)`. */
  readonly specifier: string | undefined
  /** Erased by the compiler: `import type`. */
  readonly typeOnly: boolean
}

/** Every TypeScript file below a folder of the repository. */
export function sourceFilesIn(root: string, folder: string): SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .filter((path) => path.endsWith('.ts') && !path.includes('/node_modules/'))
    .sort()
    .map((path) => parseSourceFile(path, readFileSync(join(root, path), 'utf8')))
}

/** Reads what a file imports from its syntax tree: a pattern over text sees imports in strings and misses others. */
export function parseSourceFile(path: string, source: string): SourceFile {
  const { program, errors } = parseSync(path, source)
  if (errors.length > 0) throw new SyntaxError(`${path}: ${errors[0]?.message}`)
  const imports: Import[] = []
  const seen = { process: false, decorators: false }
  visit(program, (node, parent) => {
    const found = importOf(node)
    if (found !== undefined) imports.push(found)
    if (node['type'] === 'Decorator') seen.decorators = true
    if (node['type'] === 'Identifier' && node['name'] === 'process' && !isPropertyName(node, parent))
      seen.process = true
  })
  return { path, imports, namesProcess: seen.process, hasDecorators: seen.decorators }
}

type Node = Readonly<Record<string, unknown>>

function importOf(node: Node): Import | undefined {
  switch (node['type']) {
    case 'ImportDeclaration':
      return { specifier: textOf(node['source']), typeOnly: node['importKind'] === 'type' }
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
      return isNode(node['source'])
        ? { specifier: textOf(node['source']), typeOnly: node['exportKind'] === 'type' }
        : undefined
    case 'ImportExpression':
      return { specifier: textOf(node['source']), typeOnly: false }
    case 'TSImportType':
      return { specifier: textOf(node['source'] ?? node['argument']), typeOnly: true }
    case 'CallExpression':
      return isNode(node['callee']) && node['callee']['name'] === 'require'
        ? { specifier: textOf((node['arguments'] as readonly unknown[])[0]), typeOnly: false }
        : undefined
    default:
      return undefined
  }
}

/** `x.process` and `{ process: … }` name a member, not the global. */
function isPropertyName(node: Node, parent: Node | undefined): boolean {
  if (parent === undefined || parent['computed'] === true) return false
  return parent['property'] === node || (parent['key'] === node && parent['value'] !== node)
}

function textOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined
  if (isNode(node['literal'])) return textOf(node['literal'])
  return typeof node['value'] === 'string' ? node['value'] : undefined
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value
}

function visit(value: unknown, see: (node: Node, parent: Node | undefined) => void, parent?: Node): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, see, parent)
  } else if (isNode(value)) {
    see(value, parent)
    for (const child of Object.values(value)) visit(child, see, value)
  }
}
