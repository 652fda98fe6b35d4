import { describe, expect, it } from 'vitest'
import { isConfirmation, isConfirmed } from '../../src/domain/confirmation.ts'
import { confirmationClaim, readConfirmationClaim } from '../../src/protocol/confirmation-claim.ts'

const JKT = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I'
const CERTIFICATE = 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0'

describe('a confirmation', () => {
  it.each([[{ jkt: JKT }], [{ x5tS256: CERTIFICATE }], [{ jkt: JKT, x5tS256: CERTIFICATE }]])(
    'comes back from the wire as it went: %j',
    (confirmation) => {
      expect(isConfirmation(confirmation)).toBe(true)
      expect(readConfirmationClaim(confirmationClaim(confirmation))).toEqual(confirmation)
    },
  )

  it.each([
    [{}],
    [null],
    ['text'],
    [[]],
    [[JKT]],
    [{ jkt: '' }],
    [{ jkt: 1 }],
    [{ jkt: null }],
    [{ jkt: `${JKT}=` }],
    [{ jkt: `${JKT.slice(0, -1)}J` }],
    [{ jkt: JKT, 'x5t#S256': 7 }],
    [{ jkt: JKT, kid: 'a key' }],
    [{ jwk: { kty: 'EC' } }],
    [{ x5tS256: CERTIFICATE }],
    [{ jkt: JKT, x5tS256: CERTIFICATE }],
    [JSON.parse(`{ "jkt": "${JKT}", "__proto__": {} }`)],
  ])('is not read from what is not understood: %j', (cnf) => {
    expect(readConfirmationClaim(cnf)).toBeUndefined()
  })

  it('is proven by all of it, and by nothing else', () => {
    const both = { jkt: JKT, x5tS256: CERTIFICATE }
    expect(isConfirmed(undefined, undefined)).toBe(true)
    expect(isConfirmed(undefined, both)).toBe(true)
    expect(isConfirmed({ jkt: JKT }, both)).toBe(true)
    expect(isConfirmed(both, both)).toBe(true)
    expect(isConfirmed({ jkt: JKT }, undefined)).toBe(false)
    expect(isConfirmed({ jkt: JKT }, { jkt: CERTIFICATE })).toBe(false)
    expect(isConfirmed(both, { jkt: JKT })).toBe(false)
    expect(isConfirmed({ x5tS256: CERTIFICATE }, { jkt: CERTIFICATE })).toBe(false)
  })
})
