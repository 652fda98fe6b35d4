/** How long a document is kept at least and at most, and where its host says nothing of it, in seconds. */
const SHORTEST_LIFETIME = 60
const LONGEST_LIFETIME = 3600
const USUAL_LIFETIME = 300

/** What of the header of an answer says how long it may be kept (RFC 9111 §5.1, §5.2). */
export interface LifetimeFields {
  readonly cacheControl: string | undefined
  readonly age: string | undefined
}

/**
 * For how many seconds a document is kept, by its `Cache-Control` and `Age` and within our bounds: a host can neither have
 * itself asked for each request nor keep a key in use that it has withdrawn.
 */
export function documentLifetime({ cacheControl = '', age = '' }: LifetimeFields): number {
  const directives = cacheControl.toLowerCase().split(',')
  const named = directives.map((directive) => directive.trim())
  if (named.some((directive) => /^(?:no-store|no-cache)(?:=|$)/.test(directive))) return SHORTEST_LIFETIME
  const maxAge = named.map((directive) => /^max-age="?(?<seconds>\d{1,10})"?$/.exec(directive)).find(Boolean)
  if (!maxAge) return USUAL_LIFETIME
  const spent = /^\d{1,10}$/.test(age.trim()) ? Number(age) : 0
  return Math.min(Math.max(Number(maxAge.groups?.['seconds']) - spent, SHORTEST_LIFETIME), LONGEST_LIFETIME)
}
