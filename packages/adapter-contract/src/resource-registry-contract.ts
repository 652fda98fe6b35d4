import type { Resource, ResourceRegistry } from '@latchkey/core'
import { assertOneWinner, assertSame } from './assertions.ts'
import type { ContractCase } from './contract-case.ts'
import { deface } from './deface.ts'
import { freshIdentifier } from './fresh.ts'
import { RACERS, race } from './race.ts'
import { fullResource, plainResource } from './samples.ts'

/** The sentences of {@link ResourceRegistry} that its contract checks. */
export type ResourceRegistryPromise =
  | 'Changes are atomic and seen by the next `find`'
  | "What was written does not change with the caller's object"
  | 'Adds a resource'
  | 'false, with nothing changed, when the identifier is taken'
  | 'of two additions at once exactly one wins'
  | 'Puts `resource` in the place of the one with its identifier, as `expectedVersion + 1`, whatever `resource.version` says'
  | 'false, with nothing changed, when there is none or its version is another'
  | 'of two replacements at once exactly one wins'
  | 'Removes a resource'
  | 'false when there was none'
  | 'Every resource, each once, in the order of identifiers by their UTF-16 code units'

/** A resource that says the same word twice, so that half a change shows. */
const saying = (identifier: string, word: string, version = 1): Resource => ({
  ...plainResource(identifier),
  name: word,
  scopes: [word],
  version,
})

/** How often a resource is replaced while others look. */
const CHANGES = 10

/** In the order of their code units, which is no language's: what a collation would put elsewhere. */
const SUFFIXES = ['-', '.', '/', '0', '10', '9', ':', '@', 'A', 'B', 'Z', '_', 'a', 'a.', 'aB', 'ab', 'b', 'z', '~']

/** What every {@link ResourceRegistry} promises on top of what a repository does. */
export const resourceRegistryContract: readonly ContractCase<ResourceRegistry, ResourceRegistryPromise>[] = [
  {
    title: 'adds a resource as it is, its version included',
    promise: 'Adds a resource',
    async check(resources) {
      const resource = fullResource(freshIdentifier('added'))
      assertSame(await resources.add(resource), true, 'the answer to add')
      assertSame(await resources.find(resource.identifier), resource, 'the resource found')
    },
  },
  {
    title: 'refuses to add a resource whose identifier is taken, and keeps the one that is there',
    promise: 'false, with nothing changed, when the identifier is taken',
    async check(resources) {
      const resource = saying(freshIdentifier('taken'), 'first')
      await resources.add(resource)
      const second = saying(resource.identifier, 'second', 2)
      assertSame(await resources.add(second), false, 'the answer to the second add')
      assertSame(await resources.find(resource.identifier), resource, 'the resource found')
    },
  },
  {
    title: 'adds one of fifty resources with one identifier at once, and keeps the one that it said it added',
    promise: 'of two additions at once exactly one wins',
    async check(resources) {
      const identifier = freshIdentifier('raced')
      const answers = await race((racer) => resources.add(saying(identifier, `racer${racer}`)))
      assertOneWinner(answers, 'additions of one identifier')
      const winner = saying(identifier, `racer${answers.indexOf(true)}`)
      assertSame(await resources.find(identifier), winner, 'the resource found')
    },
  },
  {
    title: 'replaces a whole resource, and counts its version up from the expected one alone',
    promise:
      'Puts `resource` in the place of the one with its identifier, as `expectedVersion + 1`, whatever `resource.version` says',
    async check(resources) {
      const { identifier, version } = fullResource(freshIdentifier('replaced'))
      await resources.add(fullResource(identifier))
      const replacement = { ...plainResource(identifier), version: 99 }
      assertSame(await resources.replace(replacement, version), true, 'the answer')
      const found = await resources.find(identifier)
      assertSame(found, { ...plainResource(identifier), version: version + 1 }, 'the resource')
    },
  },
  {
    title: 'replaces from the version that is there, and from no other',
    promise: 'false, with nothing changed, when there is none or its version is another',
    async check(resources) {
      const identifier = freshIdentifier('versioned')
      await resources.add(saying(identifier, 'first'))
      assertSame(await resources.replace(saying(identifier, 'second'), 1), true, 'the answer to the first replacement')
      for (const version of [1, 0, 3])
        assertSame(await resources.replace(saying(identifier, 'late', version), version), false, `for ${version}`)
      assertSame(await resources.find(identifier), saying(identifier, 'second', 2), 'the resource found')
    },
  },
  {
    title: 'refuses to replace a resource that is not there, and does not add it',
    promise: 'false, with nothing changed, when there is none or its version is another',
    async check(resources) {
      const resource = plainResource(freshIdentifier('absent'))
      for (const version of [0, 1])
        assertSame(await resources.replace(resource, version), false, `the answer for ${version}`)
      assertSame(await resources.find(resource.identifier), undefined, 'the resource found')
    },
  },
  {
    title: 'makes one of fifty replacements of one version at once, and keeps the one that it said it made',
    promise: 'of two replacements at once exactly one wins',
    async check(resources) {
      const identifier = freshIdentifier('contested')
      await resources.add(saying(identifier, 'first'))
      const answers = await race((racer) => resources.replace(saying(identifier, `racer${racer}`), 1))
      assertOneWinner(answers, 'replacements of one version')
      const winner = saying(identifier, `racer${answers.indexOf(true)}`, 2)
      assertSame(await resources.find(identifier), winner, 'the resource found')
    },
  },
  {
    title: 'removes a resource, whose identifier is free again',
    promise: 'Removes a resource',
    async check(resources) {
      const resource = fullResource(freshIdentifier('removed'))
      await resources.add(resource)
      assertSame(await resources.remove(resource.identifier), true, 'the answer to remove')
      assertSame(await resources.find(resource.identifier), undefined, 'the resource found')
      assertSame(await resources.add(plainResource(resource.identifier)), true, 'the answer to add after remove')
    },
  },
  {
    title: 'says that there was no resource to remove',
    promise: 'false when there was none',
    async check(resources) {
      const identifier = freshIdentifier('gone')
      assertSame(await resources.remove(identifier), false, 'the answer for an unknown identifier')
      await resources.add(plainResource(identifier))
      await resources.remove(identifier)
      assertSame(await resources.remove(identifier), false, 'the answer for a removed one')
    },
  },
  {
    title: 'shows each change to the next find, however often it was found before',
    promise: 'Changes are atomic and seen by the next `find`',
    async check(resources) {
      const identifier = freshIdentifier('seen')
      assertSame(await resources.find(identifier), undefined, 'the resource before it is added')
      await resources.add(saying(identifier, 'first'))
      assertSame(await resources.find(identifier), saying(identifier, 'first'), 'the resource once it is added')
      await resources.replace(saying(identifier, 'second'), 1)
      assertSame(await resources.find(identifier), saying(identifier, 'second', 2), 'the resource once it is replaced')
      await resources.remove(identifier)
      assertSame(await resources.find(identifier), undefined, 'the resource once it is removed')
    },
  },
  {
    title: 'shows no half of a change to those who look meanwhile',
    promise: 'Changes are atomic and seen by the next `find`',
    async check(resources) {
      const identifier = freshIdentifier('whole')
      const versionOf = (version: number): Resource => saying(identifier, `version${version}`, version)
      await resources.add(versionOf(1))
      let changing = true
      const change = async (): Promise<void> => {
        for (let version = 1; version <= CHANGES; version++) await resources.replace(versionOf(version + 1), version)
      }
      const look = async (): Promise<void> => {
        for (let looks = 0; changing && looks < RACERS; looks++) {
          const resource = await resources.find(identifier)
          assertSame(resource, versionOf(resource?.version ?? 0), 'the resource while it is replaced')
        }
      }
      await Promise.all([change().finally(() => (changing = false)), look(), look()])
      assertSame(await resources.find(identifier), versionOf(CHANGES + 1), 'the resource in the end')
    },
  },
  {
    title: 'is not changed by changes to what was added or put in its place',
    promise: "What was written does not change with the caller's object",
    async check(resources) {
      const identifier = freshIdentifier('kept')
      const added = structuredClone(fullResource(identifier))
      await resources.add(added)
      deface(added)
      assertSame(await resources.find(identifier), fullResource(identifier), 'the resource added')
      const replacement = structuredClone({ ...fullResource(identifier), name: 'second' })
      await resources.replace(replacement, 7)
      deface(replacement)
      const second = { ...fullResource(identifier), name: 'second', version: 8 }
      assertSame(await resources.find(identifier), second, 'the resource put in its place')
    },
  },
  {
    title: 'lists every resource once, with every member, in the order of code units',
    promise: 'Every resource, each once, in the order of identifiers by their UTF-16 code units',
    async check(resources) {
      const prefix = freshIdentifier('listed')
      const added = SUFFIXES.map((suffix) => fullResource(`${prefix}${suffix}`))
      // Written in another order than the one that they shall be listed in.
      for (const resource of added.toReversed()) await resources.add(resource)
      const listed = async (): Promise<readonly Resource[]> =>
        (await resources.list()).filter(({ identifier }) => identifier.startsWith(prefix))
      assertSame(await listed(), added, 'the resources listed')
      deface(await resources.list())
      assertSame(await listed(), added, 'the resources listed again')
      for (const { identifier } of added) await resources.remove(identifier)
      assertSame(await listed(), [], 'the resources listed once they are removed')
    },
  },
]
