import { malformedTarget } from './refusal.ts'

/** The path of a request's target, decoded. @throws OAuthError `invalid_request` when an escape in it is malformed. */
export function pathOf(target: string): string {
  const end = target.search(/[?#]/)
  const path = end === -1 ? target : target.slice(0, end)
  if (!path.includes('%')) return path
  try {
    return decodeURI(path)
  } catch {
    throw malformedTarget()
  }
}

/** What follows the `?` of a request's target, without it. */
export function queryOf(target: string): string {
  const start = target.search(/[?#]/)
  return start === -1 ? '' : target.slice(start + 1)
}

/** RFC 9112 §3.2.2: a server MUST accept the absolute form of a target, and what counts of it here is what follows the host. */
export const originForm = (target: string): string =>
  target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?#]*/i, '') || '/'
