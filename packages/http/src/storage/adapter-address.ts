import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { moduleURL } from './module-url.ts'

/** The module of an adapter, and what it is asked to open. */
export interface AdapterAddress {
  /** What `import()` takes. */
  readonly module: string
  readonly url: URL
  /** What may be shown of it: no password is in it. */
  readonly shown: string
}

/** Schemes whose adapter is a package of Latchkey. */
const PACKAGES: ReadonlyMap<string, string> = new Map([['memory:', '@latchkey/adapter-memory']])

/** Schemes whose adapter is yet to come. Without this they would be taken for modules, which nobody would understand. */
const PLANNED: ReadonlySet<string> = new Set(['postgres:', 'postgresql:', 'redis:', 'rediss:'])

/** Two letters at least, since one and a colon is a drive of Windows. */
const SCHEME = /^[a-z][a-z0-9+.-]+:/i

/**
 * Reads where something is kept: `memory:`, or a module with what it shall open behind a `#`.
 *
 * @param directory from which modules are found.
 * @throws Error that says what is wrong with it, and holds no password.
 */
export function adapterAddress(storage: string, directory: string): AdapterAddress {
  const scheme = SCHEME.exec(storage)?.[0].toLowerCase()
  if (scheme !== undefined && PLANNED.has(scheme)) throw new Error(`${scheme} is not available in this version`)
  const known = scheme === undefined ? undefined : PACKAGES.get(scheme)
  if (known !== undefined) return { module: known, url: urlOf(storage), shown: storage }
  if (scheme !== undefined && storage.slice(scheme.length).startsWith('//') && scheme !== 'file:')
    throw new Error(`${scheme} is not known; it is memory:, or the module of an adapter, with its address behind a #`)
  return moduleAddress(storage, directory)
}

function moduleAddress(storage: string, directory: string): AdapterAddress {
  const hash = storage.indexOf('#')
  const specifier = hash === -1 ? storage : storage.slice(0, hash)
  const found = /^(?:\.{0,2}[\\/]|[a-z]:[\\/])/i.test(specifier)
    ? pathToFileURL(resolve(directory, specifier)).href
    : moduleURL(specifier, directory)
  return { module: found, url: urlOf(hash === -1 ? found : storage.slice(hash + 1)), shown: specifier }
}

function urlOf(text: string): URL {
  // The text is not repeated: it may hold a password.
  if (!URL.canParse(text)) throw new Error('what is to be opened is no URL')
  return new URL(text)
}
