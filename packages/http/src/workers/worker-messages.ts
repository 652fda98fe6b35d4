import type { Config } from '../config/config.ts'

/** What a worker needs to know to serve. It goes over the channel between the two: no list of processes shows it. */
export interface WorkerOrders {
  readonly config: Config
  /** From which adapter modules are found. */
  readonly directory: string
}

/** What the primary says. */
export type PrimaryMessage =
  | { readonly say: 'serve'; readonly orders: WorkerOrders }
  /** Finish what is under way, and end. */
  | { readonly say: 'end' }

/** What a worker says: once that it hears, and then whether it serves. */
export type WorkerMessage =
  | { readonly say: 'awake' }
  | { readonly say: 'listening'; readonly address: string }
  | { readonly say: 'refused'; readonly problems: readonly string[] }
