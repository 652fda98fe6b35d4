/** The steps that bring a backend to the form that this version of its adapter needs. Forward only. */
export interface Migrations {
  /**
   * The names of the steps that are yet to be taken, in their order; empty when there are none. Changes nothing.
   *
   * @throws when the backend is away, or ahead by a step that this version cannot work with.
   */
  pending(): Promise<readonly string[]>
  /**
   * Takes them. Two nodes may do so at once: each step is taken once.
   *
   * @returns the names of the steps that this call took, in their order.
   * @throws when the backend is away, or ahead by a step that this version cannot work with, or when a step fails: then
   *   that step has changed nothing.
   */
  apply(): Promise<readonly string[]>
}
