/**
 * Which requirement, and which sentence of which specification, a test proves: from `test/requirements.mjs` and the titles of
 * the tests below `test/rfc/` of every package, `RFC 6749 §5.2 · A7 · what the server does` (several ids with commas between
 * them). A title of another form, or one put together at run time, stops it; so does a requirement without a test, and a test
 * of a requirement that does not exist.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'
import { CHAPTERS } from '../../test/requirements.mjs'

/**
 * @import { Chapter } from '../../test/requirements.mjs'
 * @typedef {Readonly<Record<string, unknown>>} Node
 * @typedef {{ readonly specification: string, readonly citation: string, readonly id: string, readonly behaviour: string, readonly file: string }} Proof
 */

export const target = 'docs/reference/rfc-coverage.md'

const root = fileURLToPath(new URL('../..', import.meta.url))
const TITLE =
  /^(?<citation>(?<specification>[A-Z][^§·]*?)(?: (?:§|App\.)[^·]+)?) · (?<id>[A-Z]\d+(?:, [A-Z]\d+)*) · (?<behaviour>.+)$/s

export function render() {
  const proofs = allProofs()
  if (proofs.length === 0) throw new Error('no test names a specification')
  const faults = faultsIn(CHAPTERS, proofs)
  if (faults.length > 0) throw new Error(faults.join('\n'))
  const specifications = [...new Set(proofs.map(({ specification }) => specification))].sort(inOrder)
  const sections = specifications.map((name) =>
    sectionOf(
      name,
      proofs.filter(({ specification }) => specification === name),
    ),
  )
  return `${INTRODUCTION}\n${requirementsOf(CHAPTERS, proofs)}\n## By specification\n\n${sections.join('\n')}`
}

/** Every test that proves something, in the order of the files. */
export const allProofs = () => rfcTests().flatMap(proofsIn)

/**
 * Where requirements and tests do not agree: what is said to hold has no test, what is to come has one, or what a test
 * names does not exist.
 *
 * @param {readonly Chapter[]} chapters
 * @param {readonly Pick<Proof, 'id' | 'file'>[]} proofs
 */
export function faultsIn(chapters, proofs) {
  const requirements = chapters.flatMap((chapter) => chapter.requirements)
  const ids = requirements.map(({ id }) => id)
  const named = new Set(proofs.flatMap(idsOf))
  return [
    ...ids.filter((id, index) => ids.indexOf(id) < index).map((id) => `${id} is given twice`),
    ...requirements.filter(({ id, later }) => !later && !named.has(id)).map(({ id }) => `${id} is named by no test`),
    ...requirements
      .filter(({ id, later }) => later && named.has(id))
      .map(({ id }) => `${id} is to come, and has a test`),
    ...proofs.flatMap((proof) =>
      idsOf(proof)
        .filter((id) => !ids.includes(id))
        .map((id) => `${proof.file} names ${id}, which does not exist`),
    ),
  ]
}

/** @param {Pick<Proof, 'id'>} proof */
const idsOf = ({ id }) => id.split(', ')

/**
 * @param {readonly Chapter[]} chapters
 * @param {readonly Proof[]} proofs
 */
function requirementsOf(chapters, proofs) {
  const tables = chapters.map(({ name, requirements }) => {
    const rows = requirements.map(({ id, text, source, level, later }) => {
      const files = [...new Set(proofs.filter((proof) => idsOf(proof).includes(id)).map(({ file }) => file))]
      const tests = files.map((file) => `[${packageOf(file)}/${nameOf(file)}](../../${file})`).join(', ')
      return `| ${id} | ${text.replaceAll('|', '\\|')} | ${source} | ${level} | ${later ? 'later' : tests} |`
    })
    return `## ${name}\n\n| Id | Requirement | Section | Level | Tests |\n|---|---|---|---|---|\n${rows.join('\n')}\n`
  })
  return tables.join('\n')
}

const INTRODUCTION = `# RFC coverage

What Latchkey must do, where that is said, and the tests that prove it. MUST and SHOULD are the specification's own words for
how binding a sentence is; "ours" is what we decided where it leaves room. "Later" waits for its feature.

This page is generated from the list of requirements and from the titles of the tests, which run in \`verify\`. A requirement that
no test names stops it. Further down stands what each test shows; "…" is what it is repeated with.
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
  return `### ${name}\n\n| Section | Id | Shown | Tests |\n|---|---|---|---|\n${rows.join('\n')}\n`
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

/** @param {string} file */
function nameOf(file) {
  return file.replace(/^.*\/|\.test\.ts$/g, '')
}
