import type { Client } from './domain/client.ts'
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
