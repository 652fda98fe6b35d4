import { moduleAt } from './module-url.ts'

/** The module of an adapter, and what it is asked to open. */
export interface AdapterAddress {
  /** What `import()` takes. */
  readonly module: string
  readonly url: URL
  /** What may be shown of it: no password is in it. */
  readonly shown: string
}

/** Schemes whose adapter is a package of Latchkey. */
const PACKAGES: ReadonlyMap<string, string> = new Map([
  ['memory:', '@latchkey/adapter-memory'],
  ['postgres:', '@latchkey/adapter-postgres'],
  ['postgresql:', '@latchkey/adapter-postgres'],
  ['redis:', '@latchkey/adapter-redis'],
  ['rediss:', '@latchkey/adapter-redis'],
])

/** Two letters at least, since one and a colon is a drive of Windows. */
const SCHEME = /^[a-z][a-z0-9+.-]+:/i

/**
 * Reads where something is kept: `memory:`, the address of a Postgres or a Redis, or a module with what it shall open
 * behind a `#`.
 *
 * @param directory from which modules are found.
 * @throws Error that says what is wrong with it, and holds no password.
 */
export function adapterAddress(storage: string, directory: string): AdapterAddress {
  const scheme = SCHEME.exec(storage)?.[0].toLowerCase()
  const known = scheme === undefined ? undefined : PACKAGES.get(scheme)
  if (known !== undefined) return packageAddress(known, urlOf(storage))
  if (scheme !== undefined && storage.slice(scheme.length).startsWith('//') && scheme !== 'file:')
    throw new Error(
      `${scheme} is not known; it is memory:, postgres:, redis:, rediss:, or the module of an adapter, with its address behind a #`,
    )
  return moduleAddress(storage, directory)
}

/** Parameters are shown of memory alone: that of another backend may be an address with a password of its own. */
function packageAddress(module: string, url: URL): AdapterAddress {
  const { protocol, host, pathname, href } = url
  return { module, url, shown: protocol === 'memory:' ? href : `${protocol}//${host}${pathname}` }
}

function moduleAddress(storage: string, directory: string): AdapterAddress {
  const hash = storage.indexOf('#')
  const specifier = hash === -1 ? storage : storage.slice(0, hash)
  const found = moduleAt(specifier, directory)
  return { module: found, url: urlOf(hash === -1 ? found : storage.slice(hash + 1)), shown: specifier }
}

function urlOf(text: string): URL {
  // The text is not repeated: it may hold a password.
  if (!URL.canParse(text)) throw new Error('what is to be opened is no URL')
  return new URL(text)
}
