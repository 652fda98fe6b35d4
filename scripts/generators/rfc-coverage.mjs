/**
 * Which sentence of which specification a test proves, from the titles of the tests below `test/rfc/` of
 * every package: `RFC 6749 §5.2 · A7 · what the server does`. A title of another form, or one put together at run time, stops it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'

/**
 * @typedef {Readonly<Record<string, unknown>>} Node
 * @typedef {{ readonly specification: string, readonly citation: string, readonly id: string, readonly behaviour: string, readonly file: string }} Proof
 */

export const target = 'docs/reference/rfc-coverage.md'

const root = fileURLToPath(new URL('../..', import.meta.url))
const TITLE = /^(?<citation>(?<specification>[^§·]+?)(?: §[^·]+)?) · (?<id>[^·]+) · (?<behaviour>.+)$/s

export function render() {
  const proofs = rfcTests().flatMap(proofsIn)
  if (proofs.length === 0) throw new Error('no test names a specification')
  const specifications = [...new Set(proofs.map(({ specification }) => specification))].sort(inOrder)
  const sections = specifications.map((name) =>
    sectionOf(
      name,
      proofs.filter(({ specification }) => specification === name),
    ),
  )
  return `${INTRODUCTION}\n${sections.join('\n')}`
}

const INTRODUCTION = `# RFC coverage

Every line is a test that runs in \`verify\` and bears the name of the sentence that it proves. The id groups the tests of one
requirement; "…" stands for what such a test is repeated with.

This page is generated from the titles of the tests.
`

/**
 * @param {string} name
 * @param {readonly Proof[]} proofs
 */
function sectionOf(name, proofs) {
  const sorted = proofs.toSorted((a, b) => inOrder(a.citation, b.citation) || inOrder(a.id, b.id))
  const rows = sorted.map(
    ({ citation, id, behaviour, file }) =>
      `| ${citation.slice(name.length).trim()} | ${id} | ${escaped(behaviour)} | [${packageOf(file)}](../../${file}) |`,
  )
  return `## ${name}\n\n| Section | Id | Shown | Tests |\n|---|---|---|---|\n${rows.join('\n')}\n`
}

function rfcTests() {
  return readdirSync(`${root}/packages`)
    .map((name) => `packages/${name}/test/rfc`)
    .filter((folder) => existsSync(`${root}/${folder}`))
    .flatMap((folder) =>
      readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
    )
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.test.ts'))
    .sort()
}

/**
 * @param {string} file
 * @returns {Proof[]}
 */
function proofsIn(file) {
  const { program } = parseSync(file, readFileSync(`${root}/${file}`, 'utf8'))
  /** @type {(string | undefined)[]} */
  const titles = []
  visit(program, (node) => {
    if (node['type'] !== 'CallExpression' || !isTest(node['callee'])) return
    titles.push(titleOf(/** @type {readonly unknown[]} */ (node['arguments'])[0]))
  })
  return titles.map((title) => {
    const { specification, citation, id, behaviour } = title?.match(TITLE)?.groups ?? {}
    if (!specification || !citation || !id || !behaviour) {
      throw new Error(
        `${file}: a title must read like "RFC 6749 §5.2 · A7 · what the server does", not ${JSON.stringify(title)}`,
      )
    }
    return { specification, citation, id, behaviour, file }
  })
}

/**
 * `it(…)` and `it.each(…)(…)`, but not the `it.each(…)` inside the latter.
 *
 * @param {unknown} callee
 * @returns {boolean}
 */
function isTest(callee) {
  if (!isNode(callee)) return false
  if (callee['type'] === 'Identifier') return callee['name'] === 'it' || callee['name'] === 'test'
  return callee['type'] === 'CallExpression' && isEach(callee['callee'])
}

/** @param {unknown} callee */
function isEach(callee) {
  if (!isNode(callee) || callee['type'] !== 'MemberExpression') return false
  const property = callee['property']
  return isTest(callee['object']) && isNode(property) && (property['name'] === 'each' || property['name'] === 'for')
}

/**
 * A literal, with "…" for what each case fills in.
 *
 * @param {unknown} argument
 */
function titleOf(argument) {
  if (!isNode(argument)) return undefined
  if (typeof argument['value'] === 'string') return argument['value'].replace(/%[sdifjo]|\$[a-zA-Z][\w.]*/g, '…')
  if (argument['type'] !== 'TemplateLiteral') return undefined
  const parts = /** @type {readonly { value: { cooked: string } }[]} */ (argument['quasis'])
  return parts.map(({ value }) => value.cooked).join('…')
}

/**
 * @param {unknown} value
 * @param {(node: Node) => void} see
 */
function visit(value, see) {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, see)
  } else if (isNode(value)) {
    see(value)
    for (const child of Object.values(value)) visit(child, see)
  }
}

/**
 * @param {unknown} value
 * @returns {value is Node}
 */
function isNode(value) {
  return typeof value === 'object' && value !== null && 'type' in value
}

/**
 * §4.4.2 before §4.13.
 *
 * @param {string} a
 * @param {string} b
 */
function inOrder(a, b) {
  return a.localeCompare(b, 'en', { numeric: true })
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[|<*_`\\]/g, '\\$&')
}

/** @param {string} file */
function packageOf(file) {
  return file.split('/')[1]
}
