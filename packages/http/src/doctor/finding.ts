/** What a look at one part of the service came to. None of its texts holds a secret. */
export interface Finding {
  /** What was looked at: `configuration`, `tls`, `clients_file`, `client_storage`, `token_storage`, `storage`, `signing` or `workers`. */
  readonly check: string
  /** `wrong` is in the way of serving; a `warning` is not. */
  readonly status: 'ok' | 'warning' | 'wrong'
  readonly message: string
  /** What to do about it. */
  readonly advice?: string
}
