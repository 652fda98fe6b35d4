/** Longest name, label or identifier, in UTF-16 code units. */
export const MAX_TEXT_LENGTH = 1024

/** Whether every backend can keep a text as it is: it is well-formed Unicode without NUL. */
export const isKeepable = (text: string): boolean => text.isWellFormed() && !text.includes('\0')

/** Whether every backend can keep a value as it is, and it is a text of some length. */
export const isShortText = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MAX_TEXT_LENGTH && isKeepable(value)
