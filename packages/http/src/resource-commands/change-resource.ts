import type { Resource, ResourceRegistry } from '@latchkey/core'
import { CommandRefused } from '../cli/command-refused.ts'

/** There is no such resource. */
export const noSuchResource = (identifier: string): CommandRefused =>
  new CommandRefused(
    `there is no resource ${JSON.stringify(identifier.slice(0, 512))}; latchkey resource list shows them`,
  )

/**
 * Finds a resource that must be there.
 *
 * @throws CommandRefused when it is not.
 */
export async function resourceOf(resources: Pick<ResourceRegistry, 'find'>, identifier: string): Promise<Resource> {
  const resource = await resources.find(identifier)
  if (resource === undefined) throw noSuchResource(identifier)
  return resource
}

/**
 * Changes a resource, on top of whatever others write at the same time: `change` may be asked again, of a newer one.
 *
 * @returns the resource as it is now.
 * @throws CommandRefused when there is none; and what `change` throws.
 */
export async function changeResource(
  resources: ResourceRegistry,
  identifier: string,
  change: (resource: Resource) => Resource,
): Promise<Resource> {
  for (;;) {
    const resource = await resourceOf(resources, identifier)
    const changed = change(resource)
    if (await resources.replace(changed, resource.version)) return { ...changed, version: resource.version + 1 }
  }
}
