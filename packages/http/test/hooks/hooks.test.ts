import { describe, expect, it } from 'vitest'
import { loadHooks } from '../../src/hooks.ts'
import { StartRefused } from '../../src/start-refused.ts'

const load = (specifier: string) => loadHooks(specifier, import.meta.dirname)

describe('the module of the hooks', () => {
  it('is found from the working directory', async () => {
    const { claims } = await load('./modules/claims.mjs')
    expect(claims).toBeTypeOf('function')
  })

  it('need not be there', async () => {
    expect(await loadHooks(undefined, import.meta.dirname)).toEqual({})
  })

  it.each([
    ['./modules/missing.mjs', /missing\.mjs/],
    ['no-such-package', /no-such-package/],
    ['./modules/no-hook.mjs', /^LATCHKEY_HOOKS: \.\/modules\/no-hook\.mjs exports none of the hooks: claims$/],
    [
      './modules/no-function.mjs',
      /^LATCHKEY_HOOKS: \.\/modules\/no-function\.mjs exports claims, which is no function$/,
    ],
    ['./modules/broken.mjs', /^LATCHKEY_HOOKS: the database of tenants is away$/],
  ])('is refused by the name of its setting: %s', async (specifier, problem) => {
    const error: unknown = await load(specifier).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(StartRefused)
    expect((error as StartRefused).problems).toEqual([expect.stringMatching(problem)])
    expect((error as StartRefused).problems[0]).toMatch(/^LATCHKEY_HOOKS: /)
  })
})
