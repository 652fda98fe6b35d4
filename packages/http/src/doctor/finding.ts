/** What a look at one part of the service came to. None of its texts holds a secret. */
export interface Finding {
  /**
   * What was looked at: `configuration`, `tls`, `mutual_tls`, `clients_file`, `client_storage`, `token_storage`, `storage`,
   * `signing`, `clients`, `workers` or `fapi2`.
   */
  readonly check: string
  /** `wrong` is in the way of serving; a `warning` is not, and a `note` only of what nobody has set. */
  readonly status: 'ok' | 'note' | 'warning' | 'wrong'
  readonly message: string
  /** What to do about it. */
  readonly advice?: string
}
