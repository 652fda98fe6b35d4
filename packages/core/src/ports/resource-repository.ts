import type { Resource } from '../domain/resource.ts'

/** Finds the resources that tokens may be meant for. */
export interface ResourceRepository {
  /**
   * The resource as it was last written, with every member. The identifier may hold anything: one that cannot be
   * registered is simply not found. What is handed out is the caller's: changing it changes nothing here.
   *
   * @returns `undefined` when there is none.
   * @throws when the backend is away, or when its record cannot be read: broken is never "not found".
   */
  find(identifier: string): Promise<Resource | undefined>
}
