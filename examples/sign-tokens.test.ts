import { expect, it, vi } from 'vitest'

it('signs a token that is verified by the published keys, and announces the next one', async () => {
  const said = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  await import('./sign-tokens.ts')
  const lines = said.mock.calls
  said.mockRestore()
  expect(lines).toEqual([
    ['%s may %s for %s', 'nightly-reports', 'sales:read', 'acme'],
    ['%s %s', 'ES256', 'signing'],
    ['%s %s', 'ES256', 'announced'],
  ])
})
