import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { formsOf } from '../log/secret-forms.ts'

/** So many bytes of a form are looked up; whether the rest is there too is looked at then. */
const WINDOW = 16

/**
 * The secrets that stand in the files below some directories, in whatever form. All forms are looked for at once: a
 * database has too many bytes to be read once for each.
 */
export function secretsInFiles<Secret extends string | Uint8Array>(
  directories: readonly string[],
  secrets: Iterable<Secret>,
): ReadonlySet<Secret> {
  const wanted = new Map<string, { readonly form: string; readonly secret: Secret }[]>()
  const begins = new Uint8Array(0x1_00_00)
  for (const secret of secrets)
    for (const form of formsOf(secret)) {
      if (form.length < WINDOW) throw new Error('a form of a secret is too short to be looked for')
      const window = form.slice(0, WINDOW)
      wanted.set(window, [...(wanted.get(window) ?? []), { form, secret }])
      begins[(form.charCodeAt(0) << 8) | form.charCodeAt(1)] = 1
    }
  const found = new Set<Secret>()
  for (const path of directories.flatMap(filesBelow)) {
    const bytes = readFileSync(path)
    for (let at = 0; at + WINDOW <= bytes.length; at++) {
      if (begins[((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)] === 0) continue
      for (const { form, secret } of wanted.get(bytes.toString('latin1', at, at + WINDOW)) ?? [])
        if (bytes.toString('latin1', at, at + form.length) === form) found.add(secret)
    }
  }
  return found
}

const filesBelow = (directory: string): readonly string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
