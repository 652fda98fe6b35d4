import type { ClientChanges, Unsubscribe } from '@latchkey/core'

/** Changes whose subscriptions can all be ended at once. */
export interface EndableClientChanges extends ClientChanges {
  /** Ends every subscription, and those that are just being made. */
  end(): Promise<void>
}

export function endedTogether(changes: ClientChanges): EndableClientChanges {
  const subscriptions = new Set<Promise<Unsubscribe>>()

  return {
    async subscribe(onChange) {
      const subscribing = changes.subscribe(onChange)
      subscriptions.add(subscribing)
      const forget = () => subscriptions.delete(subscribing)
      const unsubscribe = await subscribing.catch((error: unknown) => {
        forget()
        throw error
      })
      return async () => {
        await unsubscribe()
        forget()
      }
    },
    async end() {
      const settled = await Promise.allSettled(subscriptions)
      const made = settled.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
      await Promise.all(made.map((unsubscribe) => unsubscribe()))
    },
  }
}
