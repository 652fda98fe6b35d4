/** Longest name, label or identifier, in UTF-16 code units. */
export const MAX_TEXT_LENGTH = 1024

/** Whether every backend can keep a value as it is: a text of some length, of well-formed Unicode without NUL. */
export const isShortText = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MAX_TEXT_LENGTH && value.isWellFormed() && !value.includes('\0')
