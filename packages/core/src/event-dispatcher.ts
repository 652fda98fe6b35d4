import type { DomainEvent, Emit } from './domain/event.ts'

/** Listens to events. What it throws, rejects with or waits for concerns nobody. */
export type EventListener = (event: DomainEvent) => unknown

/**
 * Hands events to the listener after the answers that they tell of: a turn of the event loop later, in order. A listener
 * that throws or is slow therefore changes and delays no answer.
 */
export function createEventDispatcher(listener: EventListener): {
  readonly emit: Emit
  readonly flush: () => void
} {
  let waiting: DomainEvent[] = []

  function flush(): void {
    const events = waiting
    waiting = []
    for (const event of events) tell(listener, event)
  }

  return {
    flush,
    emit(event) {
      if (waiting.push(event) === 1) setImmediate(flush)
    },
  }
}

function tell(listener: EventListener, event: DomainEvent): void {
  try {
    const result = listener(event)
    // Not every promise is an instance of ours: other realms and libraries bring their own, and they reject as well.
    if (typeof result === 'object' && result !== null) Promise.resolve(result).catch(() => undefined)
  } catch {
    // The listener's own affair: it has no way to tell us that is not an event.
  }
}
