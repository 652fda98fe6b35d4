import { describe, expect, it } from 'vitest'
import { adapterAddress } from '../../src/storage/adapter-address.ts'

const read = (storage: string) => adapterAddress(storage, import.meta.dirname)

describe('the address of an adapter', () => {
  it.each([
    ['memory:?tokens=10', '@latchkey/adapter-memory'],
    ['postgres://h/d', '@latchkey/adapter-postgres'],
    ['postgresql://h/d', '@latchkey/adapter-postgres'],
    ['redis://h/0', '@latchkey/adapter-redis'],
    ['rediss://h:6380', '@latchkey/adapter-redis'],
    ['Redis://h/0', '@latchkey/adapter-redis'],
  ])('names the package of %s, and hands it the whole address', (storage, module) => {
    expect(read(storage)).toMatchObject({ module, url: new URL(storage) })
  })

  it.each([
    ['postgres://u:needle@h:6432/d?schema=s&listen=postgres://u:needle@h/d', 'postgres://h:6432/d'],
    ['postgres:///d?host=/run/postgresql&password=needle', 'postgres:///d'],
    ['rediss://:needle@h/3?prefix=needle', 'rediss://h/3'],
    ['memory:?tokens=10', 'memory:?tokens=10'],
    [`${import.meta.filename}#redis://:needle@h`, import.meta.filename],
  ])('shows of %s what holds no password', (storage, shown) => {
    expect(read(storage).shown).toBe(shown)
  })

  it('takes nothing for an address that is none', () => {
    expect(() => read('postgres://u:needle@[h/d')).toThrow(/^what is to be opened is no URL$/)
  })
})
