import type { OpenAdapter } from '@latchkey/core'
import { createMemoryAdapter } from './memory-adapter.ts'

/**
 * Opens `memory:`. Its one parameter is `tokens`, the bound of what it holds: `memory:?tokens=1000000` is the default.
 *
 * @throws Error that names the parameter, when one is unknown, given twice or wrong, or the part of the address that
 *   `memory:` does not have.
 */
export const openAdapter: OpenAdapter = async (url) => {
  if (url.protocol !== 'memory:') throw new Error(`the memory adapter opens memory: addresses, not ${url.protocol}`)
  if (`${url.host}${url.pathname}${url.hash}` !== '')
    throw new Error('a memory: address has parameters alone, as in memory:?tokens=1000000')
  for (const name of url.searchParams.keys())
    if (name !== 'tokens') throw new Error(`memory: has no parameter "${name}"; it has "tokens"`)
  const values = url.searchParams.getAll('tokens')
  if (values.length > 1) throw new Error('memory: takes the parameter "tokens" once')
  return createMemoryAdapter(values.length === 0 ? {} : { tokens: boundOf(values[0] ?? '') })
}

function boundOf(value: string): number {
  const bound = Number(value)
  if (!/^[1-9][0-9]*$/.test(value) || !Number.isSafeInteger(bound))
    throw new Error('memory: takes a whole number above 0 as its parameter "tokens"')
  return bound
}
