import { createMemoryResourceRegistry } from '@latchkey/adapter-memory'
import { defineResource } from '@latchkey/core'
import { expect, it } from 'vitest'

it('refuses to hold more resources than it may', async () => {
  const resources = createMemoryResourceRegistry({ capacity: 1 })
  expect(await resources.add(defineResource({ identifier: 'urn:example:a' }))).toBe(true)
  await expect(resources.add(defineResource({ identifier: 'urn:example:b' }))).rejects.toThrow('it holds 1 resources')
  expect(await resources.add(defineResource({ identifier: 'urn:example:a' }))).toBe(false)
  expect(() => createMemoryResourceRegistry({ capacity: 0 })).toThrow(TypeError)
})
