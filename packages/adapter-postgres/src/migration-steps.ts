import { readdir, readFile } from 'node:fs/promises'

/** One step, as its file says. */
export interface MigrationStep {
  readonly name: string
  /** Whether the version before this step cannot work with what it makes. */
  readonly breaking: boolean
  readonly sql: string
}

/** Beside `src` and `dist` alike. */
const FOLDER = new URL('../sql/steps/', import.meta.url)
const FILE = /^(?<name>\d{4}-[a-z0-9-]+)\.sql$/
const BREAKING = /^-- breaking\b/m

/** Every step that this version knows, in their order. */
export async function readMigrationSteps(): Promise<readonly MigrationStep[]> {
  const names = (await readdir(FOLDER)).flatMap((file) => FILE.exec(file)?.groups?.['name'] ?? []).sort()
  return Promise.all(names.map(readStep))
}

async function readStep(name: string): Promise<MigrationStep> {
  const sql = await readFile(new URL(`${name}.sql`, FOLDER), 'utf8')
  return { name, breaking: BREAKING.test(sql), sql }
}
