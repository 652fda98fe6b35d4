import type { Resource, ResourceRepository } from '@latchkey/core'
import { assertSame } from './assertions.ts'
import type { ContractCase } from './contract-case.ts'
import { deface } from './deface.ts'
import { freshIdentifier } from './fresh.ts'
import { HOSTILE_STRINGS } from './hostile-strings.ts'
import { fullResource, plainResource } from './samples.ts'

/** A repository can only be read, so the contract must be told how resources come into it. */
export interface ResourceRepositorySubject {
  readonly resources: ResourceRepository
  /** Writes a resource, in the place of the one with its identifier if there is one. */
  readonly put: (resource: Resource) => Promise<void>
}

/** The sentences of {@link ResourceRepository} that its contract checks. */
export type ResourceRepositoryPromise =
  | 'The resource as it was last written, with every member'
  | 'The identifier may hold anything: one that cannot be registered is simply not found'
  | "What is handed out is the caller's: changing it changes nothing here"
  | '`undefined` when there is none'

/** What every {@link ResourceRepository} promises. */
export const resourceRepositoryContract: readonly ContractCase<ResourceRepositorySubject, ResourceRepositoryPromise>[] =
  [
    {
      title: 'finds a resource with every member, and hostile text in all of them',
      promise: 'The resource as it was last written, with every member',
      async check({ resources, put }) {
        const resource = fullResource(freshIdentifier('full'))
        await put(resource)
        assertSame(await resources.find(resource.identifier), resource, 'the resource found')
      },
    },
    {
      title: 'finds a resource without optional members, and adds none',
      promise: 'The resource as it was last written, with every member',
      async check({ resources, put }) {
        const resource = plainResource(freshIdentifier('plain'))
        await put(resource)
        assertSame(await resources.find(resource.identifier), resource, 'the resource found')
      },
    },
    {
      title: 'finds what was written last, and nothing of what it was before',
      promise: 'The resource as it was last written, with every member',
      async check({ resources, put }) {
        const identifier = freshIdentifier('rewritten')
        await put(fullResource(identifier))
        await resources.find(identifier)
        await put(plainResource(identifier))
        const found = await resources.find(identifier)
        assertSame(found, { ...plainResource(identifier), version: found?.version }, 'the resource found')
      },
    },
    {
      title: 'finds no resource by a hostile identifier that nobody registered, and takes no offence',
      promise: 'The identifier may hold anything: one that cannot be registered is simply not found',
      async check({ resources, put }) {
        const identifier = freshIdentifier('hostile')
        await put(plainResource(identifier))
        for (const text of [...HOSTILE_STRINGS, ...HOSTILE_STRINGS.map((stranger) => `${identifier}${stranger}`)])
          if (text !== identifier)
            assertSame(await resources.find(text), undefined, `the resource by ${JSON.stringify(text)}`)
      },
    },
    {
      title: 'keeps apart identifiers that differ in case, in a wildcard or in their length',
      promise: '`undefined` when there is none',
      async check({ resources, put }) {
        const identifier = freshIdentifier('Case_a')
        await put(plainResource(identifier))
        const others = [identifier.toLowerCase(), identifier.replace('_', '-'), identifier.slice(0, -1)]
        for (const other of [...others, `${identifier}/`, freshIdentifier('unknown')])
          assertSame(await resources.find(other), undefined, `the resource by ${other}`)
      },
    },
    {
      title: 'is not changed by changes to what it handed out',
      promise: "What is handed out is the caller's: changing it changes nothing here",
      async check({ resources, put }) {
        const resource = fullResource(freshIdentifier('found'))
        await put(resource)
        deface(await resources.find(resource.identifier))
        assertSame(await resources.find(resource.identifier), resource, 'the resource found again')
      },
    },
  ]
