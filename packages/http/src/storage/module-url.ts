import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { resolve } from 'import-meta-resolve'

/**
 * The URL of a module as a file of that directory would import it. `import.meta.resolve` itself knows no other place than
 * the file that it stands in.
 *
 * @throws Error when there is no such module.
 */
export const moduleURL = (specifier: string, directory: string): string =>
  resolve(specifier, pathToFileURL(join(directory, 'importer.js')).href)
