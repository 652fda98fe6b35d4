import type { Client } from './domain/client.ts'
import type { EpochSeconds } from './domain/epoch-seconds.ts'
import type { ClientRegistry } from './ports/client-registry.ts'
import { type Clock, systemClock } from './ports/clock.ts'

/** What changing the clients of a registry takes. */
export interface ClientLifecycleDeps {
  readonly clients: ClientRegistry
  /** The machine's own by default. */
  readonly clock?: Clock | undefined
}

/**
 * Registers a client. Its tokens count from this second on: had an earlier client of the same id been removed, what is
 * left of its tokens does not come back to life.
 *
 * @returns false, with nothing changed, when the id is taken.
 * @throws when the backend is away or full.
 */
export const addClient = ({ clients, clock = systemClock }: ClientLifecycleDeps, client: Client): Promise<boolean> =>
  clients.add({ ...client, tokensValidFrom: Math.max(client.tokensValidFrom, clock.now()) })

/** How often the clock is looked at while a second is awaited, in milliseconds. */
const LOOK_EVERY_MS = 20

/**
 * Makes every token of a client inactive, by one timestamp. Resolves once the next second has begun: then no token from
 * before is active, and every token from then on is. Until then its token requests are answered 503 with `Retry-After`.
 *
 * @returns false when there is no such client.
 * @throws when the backend is away.
 */
export async function revokeTokensOfClient(
  { clients, clock = systemClock }: ClientLifecycleDeps,
  clientId: string,
): Promise<boolean> {
  for (;;) {
    const client = await clients.find(clientId)
    if (client === undefined) return false
    const tokensValidFrom = Math.max(client.tokensValidFrom, clock.now() + 1)
    // Somebody else changed the client in between: what they wrote must stay, so it is read again.
    if (!(await clients.replace({ ...client, tokensValidFrom }, client.version))) continue
    while (clock.now() < tokensValidFrom) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
    return true
  }
}

/** How far the clocks of two nodes may be apart, in seconds. */
const CLOCK_SKEW_SECONDS = 5
/** A write begins in one second and may be seen in the next. */
const WRITE_SECONDS = 2

/**
 * Removes a credential that somebody else may know, and makes every token of its client inactive by one timestamp: that
 * of a node too which has not heard of the removal, and issues one more. The timestamp is therefore past the time for
 * which such a node believes what it knows; until then the client's token requests are answered 503 with `Retry-After`.
 *
 * @param cacheSeconds for how long a node may believe what it knows of a client: the bound of its cache, 0 without one.
 * @returns the second from which on the client gets tokens again; `undefined`, with nothing changed, when there is no
 *   such client or it has no such credential.
 * @throws when the backend is away.
 */
export async function removeCompromisedCredential(
  { clients, clock = systemClock }: ClientLifecycleDeps,
  clientId: string,
  credentialId: string,
  cacheSeconds: number,
): Promise<EpochSeconds | undefined> {
  let isRemoved = false
  for (;;) {
    const client = await clients.find(clientId)
    if (client === undefined) return undefined
    const credentials = client.credentials.filter(({ id }) => id !== credentialId)
    if (credentials.length === client.credentials.length && !isRemoved) return undefined
    const begunAt = clock.now()
    const beyondCaches = begunAt + cacheSeconds + CLOCK_SKEW_SECONDS + WRITE_SECONDS
    const tokensValidFrom = Math.max(client.tokensValidFrom, beyondCaches)
    const changed = { ...client, credentials, tokensValidFrom }
    if (!(await clients.replace(changed, client.version))) continue
    if (clock.now() - begunAt < WRITE_SECONDS) return tokensValidFrom
    // The write took longer than was reckoned with, so others may have read what was before it for longer too.
    isRemoved = true
  }
}
