/**
 * Changes everything that can be changed in plain data, however deep: what a careless caller does to a value that it
 * believes to be its own. Frozen parts are left as they are, without a complaint.
 */
export function deface(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  for (const member of Object.keys(value)) {
    deface(Reflect.get(value, member))
    Reflect.set(value, member, 'defaced')
  }
  Reflect.set(value, Array.isArray(value) ? value.length : 'defaced', 'defaced')
}
