/** The place of a self-contained token in a list of revoked ones. */
export interface StatusReference {
  /** Which list: a text of {@link STATUS_LIST_PATTERN}. */
  readonly list: string
  readonly index: number
}

/** How many tokens one list has room for: as many bits fill 128 KiB, and hardly any when few of them are set. */
export const STATUS_LIST_SIZE = 1_048_576

/** The name of a list, as it stands at the end of its address. */
export const STATUS_LIST_PATTERN: RegExp = /^[A-Za-z0-9_-]{1,64}$/

/** Whether this can be the place of a token. */
export const isStatusReference = ({ list, index }: StatusReference): boolean =>
  typeof list === 'string' &&
  STATUS_LIST_PATTERN.test(list) &&
  Number.isSafeInteger(index) &&
  index >= 0 &&
  index < STATUS_LIST_SIZE
