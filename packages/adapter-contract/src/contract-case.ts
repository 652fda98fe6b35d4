import type { Adapter } from '@latchkey/core'

/** One thing that a port promises, checked. A contract is a list of them. */
export interface ContractCase<Port, Promised extends string = string> {
  /** A sentence about behaviour, unique within its contract. */
  readonly title: string
  /** The sentence of the port's comment that it checks, word for word. */
  readonly promise: Promised
  /**
   * Checks the port as it stands, whatever it holds already and whatever other cases do to it meanwhile.
   *
   * @throws Error that tells what the port answered instead.
   */
  check(port: Port): Promise<void>
}

/** An adapter that has at least these ports: what a promise between two ports is checked on. */
export type AdapterWith<Ports extends keyof Adapter> = Required<Pick<Adapter, Ports>>
