let loading: Promise<typeof import('jose')> | undefined

/** jose, which most servers never need and none needs to start: it has as many files as a third of the core, and encrypts tokens. */
export function loadedJose(): Promise<typeof import('jose')> {
  loading ??= import('jose')
  return loading
}
