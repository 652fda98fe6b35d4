/**
 * The suites of the page, in its order: what each measures, and about how many seconds it takes on a machine that is free.
 *
 * @typedef {{ readonly rounds: number, readonly seconds: number, readonly tokens: number }} Extent
 * @typedef {{ readonly title: string, readonly estimate: (extent: Extent) => number }} Suite
 */

/** A burst, with the start of the process that loads. */
const bursts =
  (/** @type {number} */ targets) =>
  (/** @type {Extent} */ { rounds, seconds }) =>
    targets * (rounds * (seconds + 0.6) + 3)

/** @type {Readonly<Record<string, Suite>>} */
export const SUITES = {
  'token-endpoint': { title: 'Token endpoint: opaque tokens on memory', estimate: bursts(21) },
  'token-storages': { title: 'Opaque tokens on each storage', estimate: bursts(14) },
  'signed-tokens': { title: 'Token endpoint: signed tokens', estimate: bursts(15) },
  'signed-requests': { title: 'Token endpoint: clients that sign', estimate: bursts(13) },
  'chosen-secret': { title: 'Token endpoint: a secret that a person chose', estimate: bursts(4) },
  'many-clients': { title: 'Token endpoint: 100,000 clients', estimate: (extent) => 60 + bursts(6)(extent) },
  introspection: { title: 'Introspection', estimate: bursts(10) },
  revocation: { title: 'Revocation', estimate: bursts(9) },
  verify: { title: 'Verification in process', estimate: ({ rounds }) => 12 * (rounds * 0.5 + 0.2) },
  storage: {
    title: 'Each storage beside its limit',
    estimate: ({ rounds, seconds }) => 20 + 32 * (rounds + 1) * (seconds / 2),
  },
  'round-trips': { title: 'Round trips to the storage', estimate: () => 20 },
  'live-tokens': {
    title: 'Many live tokens',
    estimate: ({ rounds, seconds, tokens }) => 20 + tokens / 10_000 + 12 * rounds * seconds,
  },
  sweep: {
    title: 'Issuing while expired tokens are forgotten',
    estimate: ({ rounds, seconds, tokens }) => 20 + tokens / 5000 + 3 * rounds * seconds,
  },
  memory: { title: 'Memory of live tokens', estimate: () => 60 },
  'start-up': { title: 'Cold start to the first token', estimate: () => 80 },
  workers: { title: 'Several cores', estimate: bursts(8) },
}

/**
 * The measurements behind decisions, on no page but theirs: they run only when they are named.
 *
 * @type {Readonly<Record<string, Suite>>}
 */
export const DECISIONS = {
  'refusal-timing': { title: 'Whether a refusal tells by its time why', estimate: () => 120 },
  signing: { title: 'How access tokens are signed', estimate: ({ rounds }) => 34 * (0.4 * rounds + 0.1) },
  'storage-batching': {
    title: 'Statements for many callers',
    estimate: ({ rounds, seconds }) => 42 * rounds * seconds,
  },
  'storage-forgetting': { title: 'Deletes in small steps', estimate: () => 900 },
}
