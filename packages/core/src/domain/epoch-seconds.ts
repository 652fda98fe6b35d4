/** A point in time in whole seconds since 1970-01-01T00:00:00Z, the `NumericDate` of RFC 7519 §2 without fractions. */
export type EpochSeconds = number
