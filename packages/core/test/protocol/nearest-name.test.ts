import { expect, it } from 'vitest'
import { nearestName } from '../../src/protocol/nearest-name.ts'

const NAMES = ['client_secret', 'client_secrets', 'scope', 'scopes', 'enabled']

it.each([
  ['client_secrte', 'client_secret'],
  ['CLIENT_SECRETS', 'client_secrets'],
  ['scop', 'scope'],
  ['enable', 'enabled'],
])('takes %j for a slip of the hand', (written, meant) => {
  expect(nearestName(written, NAMES)).toBe(meant)
})

it.each(['', 'x', 'redirect_uris', 'sc', 'x'.repeat(10_000)])('does not guess what %j was to be', (written) => {
  expect(nearestName(written, NAMES)).toBeUndefined()
})
