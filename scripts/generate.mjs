/**
 * Writes the pages that are made from the code, or with `--check` fails when one of them is not what the code says.
 *
 * A generator is a module in `scripts/generators/` that exports `target`, the page's path from the root, and
 * `render()`, its whole text or a promise of it. Generators may import what `pnpm build` has built.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

const root = new URL('../', import.meta.url)
const folder = new URL('scripts/generators/', root)
const isCheck = process.argv.includes('--check')

const names = readdirSync(folder).filter((name) => name.endsWith('.mjs'))
if (names.length === 0) throw new Error('there is no generator, so nothing was checked')

for (const name of names) {
  /** @type {{ target: string, render(): string | Promise<string> }} */
  const generator = await import(new URL(name, folder).href)
  const target = new URL(generator.target, root)
  const text = await generator.render()
  if (text === currentText(target)) continue
  if (isCheck) {
    console.error(`${generator.target} is not what the code says: run \`npx --yes pnpm@10.34.9 generate\``)
    process.exitCode = 1
  } else {
    writeFileSync(target, text)
    console.log(`wrote ${generator.target}`)
  }
}

/** @param {URL} file */
function currentText(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
