/** One or more `NQCHAR` (RFC 6749 §3.3 and Appendix A.4): printable ASCII without space, `"` and `\`. */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/** Whether the word can be a scope (RFC 6749 §3.3). */
export const isScopeToken = (word: string): boolean => SCOPE_TOKEN.test(word)
