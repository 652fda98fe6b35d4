import type { Resource } from '../domain/resource.ts'
import type { ResourceRepository } from './resource-repository.ts'

/**
 * Manages resources: what a command line needs on top of finding them. Changes are atomic and seen by the next `find`.
 * What was written does not change with the caller's object.
 */
export interface ResourceRegistry extends ResourceRepository {
  /**
   * Adds a resource.
   *
   * @returns false, with nothing changed, when the identifier is taken; of two additions at once exactly one wins.
   * @throws when the backend is away or full.
   */
  add(resource: Resource): Promise<boolean>
  /**
   * Puts `resource` in the place of the one with its identifier, as `expectedVersion + 1`, whatever `resource.version`
   * says.
   *
   * @returns false, with nothing changed, when there is none or its version is another; of two
   * replacements at once exactly one wins.
   * @throws when the backend is away.
   */
  replace(resource: Resource, expectedVersion: number): Promise<boolean>
  /**
   * Removes a resource.
   *
   * @returns false when there was none.
   * @throws when the backend is away.
   */
  remove(identifier: string): Promise<boolean>
  /**
   * Every resource, each once, in the order of identifiers by their UTF-16 code units.
   *
   * @throws when the backend is away.
   */
  list(): Promise<readonly Resource[]>
}
