import { join, resolve as resolvePath } from 'node:path'
import { pathToFileURL } from 'node:url'
import { resolve } from 'import-meta-resolve'

/**
 * The URL of a module as a file of that directory would import it. `import.meta.resolve` itself knows no other place than
 * the file that it stands in.
 *
 * @throws Error when there is no such module.
 */
const moduleURL = (specifier: string, directory: string): string =>
  resolve(specifier, pathToFileURL(join(directory, 'importer.js')).href)

/** A path, with a drive of Windows or without. */
const PATH = /^(?:\.{0,2}[\\/]|[a-z]:[\\/])/i

/**
 * The URL of a module that a setting names: a path from that directory, or a package that is found from there.
 *
 * @throws Error when there is no such package.
 */
export const moduleAt = (specifier: string, directory: string): string =>
  PATH.test(specifier) ? pathToFileURL(resolvePath(directory, specifier)).href : moduleURL(specifier, directory)
