import { randomBytes } from 'node:crypto'
import type { Config } from '../config/config.ts'
import type { Storage } from '../storage/storage.ts'

const SECRET_BYTES = 32

/**
 * The settings of a worker: what the primary has done is left out, and what each process would draw for itself is drawn
 * here for all of them, so that a nonce or a TLS session of one is good at the others, and at those that take their place.
 */
export const configOfWorkers = (config: Config, { replays }: Pick<Storage, 'replays'>): Config => ({
  ...config,
  clientsFile: undefined,
  // A function goes to no other process: each worker makes its own.
  rereadTls: undefined,
  tls: config.tls && { ...config.tls, ticketSecret: randomBytes(SECRET_BYTES) },
  // Without a replay guard there are no proofs, and so no nonces.
  dpop: replays && { ...config.dpop, nonceSecret: config.dpop?.nonceSecret ?? drawn() },
})

const drawn = (): string => randomBytes(SECRET_BYTES).toString('base64url')
