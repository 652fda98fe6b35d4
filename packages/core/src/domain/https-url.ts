const MAX_URL_LENGTH = 2048

/** Whether a text is an https URL as it is meant to be called: no parser has to mend it. */
export function isHttpsUrl(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > MAX_URL_LENGTH || !/^https:\/\/[^\s/?#\\@][\x21-\x7e]*$/.test(value))
    return false
  if (value.includes('#') || value.includes('\\') || !URL.canParse(value)) return false
  const { username, password } = new URL(value)
  return username === '' && password === ''
}
