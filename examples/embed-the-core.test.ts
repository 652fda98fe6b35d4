import { expect, it, vi } from 'vitest'

it('issues a token, and tells that it is active', async () => {
  const said = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  await import('./embed-the-core.ts')
  const lines = said.mock.calls
  said.mockRestore()
  expect(lines).toEqual([
    ['%s for %s, %d seconds', 'Bearer', 'sales:read', 3600],
    ['active: %s, client: %s', true, 'nightly-reports'],
  ])
})
