/** How many bytes a secret must have at least that signs by an algorithm: as many as its hash (RFC 7518 §3.2). */
export const LEAST_SECRET_BYTES = { HS256: 32, HS384: 48, HS512: 64 } as const

/** The algorithms by which whoever can verify a signature can also make one. */
export type SharedSecretAlgorithm = keyof typeof LEAST_SECRET_BYTES

/** The names of these algorithms. */
export const SHARED_SECRET_ALGORITHMS: readonly SharedSecretAlgorithm[] = ['HS256', 'HS384', 'HS512']

/** Whether a name is one of them. */
export const isSharedSecretAlgorithm = (name: unknown): name is SharedSecretAlgorithm =>
  SHARED_SECRET_ALGORITHMS.some((known) => known === name)
