import type { Client } from '../domain/client.ts'
import type { JsonObject } from '../domain/json-value.ts'
import { jsonTextOf, PROTECTED_CLAIMS } from '../domain/protected-claims.ts'
import { OAuthError } from '../errors.ts'

/** What the `claims` hook sees. */
export interface ClaimsContext {
  readonly client: Client
  readonly subject: string
  readonly scopes: readonly string[]
  readonly audience: readonly string[]
}

/**
 * Adds claims to a token. Whatever it returns must be JSON; `undefined` adds nothing. Names of the protocol are left out
 * of what it returns, and an event tells of them.
 */
export type ClaimsHook = (context: ClaimsContext) => JsonObject | undefined | Promise<JsonObject | undefined>

/** Largest JSON text of all custom claims, in UTF-16 code units. */
const MAX_CLAIMS_LENGTH = 8 * 1024
/** A hook that takes longer is given up: the client should get an answer. */
const HOOK_TIMEOUT_MS = 2000

/** What came of a call of the hook. */
export interface CustomClaims {
  readonly claims: JsonObject | undefined
  /** Protected names that the hook had set. */
  readonly ignored: readonly string[]
}

/**
 * Asks the hook, and makes sure of what it says. What comes back is a copy: the hook cannot change it afterwards.
 *
 * @throws OAuthError `server_error` when the hook throws, takes longer than two seconds, returns what is not a JSON object
 * or too much of it: a token with half of its claims would be worse than none.
 */
export async function askForClaims(hook: ClaimsHook, context: ClaimsContext): Promise<CustomClaims> {
  const answer = await withinTimeout(hook, context)
  if (answer === undefined) return { claims: undefined, ignored: [] }
  const text = jsonOf(answer)
  if (text.length > MAX_CLAIMS_LENGTH)
    throw broken(`the claims hook returned more than ${MAX_CLAIMS_LENGTH} characters of JSON`)
  const entries = Object.entries(JSON.parse(text) as JsonObject)
  return {
    claims: Object.fromEntries(entries.filter(([name]) => !PROTECTED_CLAIMS.has(name))),
    ignored: entries.map(([name]) => name).filter((name) => PROTECTED_CLAIMS.has(name)),
  }
}

async function withinTimeout(hook: ClaimsHook, context: ClaimsContext): Promise<unknown> {
  const tooLate = broken('the claims hook took too long')
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLate), HOOK_TIMEOUT_MS)
  })
  try {
    return await Promise.race([hook(context), timeout])
  } catch (cause) {
    if (cause === tooLate) throw tooLate
    // An `OAuthError` of the hook's own too: it may be another server's, and would be told to the client as ours.
    throw broken(`the claims hook threw: ${cause instanceof Error ? cause.message : 'what is no error'}`, cause)
  } finally {
    clearTimeout(timer)
  }
}

function jsonOf(answer: unknown): string {
  const text = jsonTextOf(answer)
  if (text === undefined) throw broken('the claims hook returned what is not a JSON object')
  return text
}

const broken = (reason: string, cause?: unknown): OAuthError =>
  new OAuthError('server_error', 'the token could not be made', {
    reason,
    cause,
  })
