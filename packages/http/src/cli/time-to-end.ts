/** Longer than requests under way may take, shorter than usual orchestrators wait before they kill. */
export const CLOSE_WITHIN_MS = 20_000

/** Long enough for a client's next request, so that the connection which it keeps ends with an answer. */
export const GRACE_MS = 1_000
