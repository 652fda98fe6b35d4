import type { Adapter } from '@latchkey/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { adapterContract } from './adapter-contract.ts'
import { clientChangesBetweenNodesContract } from './client-changes-contract.ts'
import type { ContractCase } from './contract-case.ts'
import type { PortContract } from './contracts-of.ts'
import { contractsOf } from './contracts-of.ts'

/** Describes one contract to Vitest, a test for each case. What `open` answers is asked for in each of them. */
export function describeContract<Port>(
  name: string,
  cases: readonly ContractCase<Port>[],
  open: () => Port | Promise<Port>,
): void {
  describe(`contract of ${name}`, () => {
    // oxlint-disable-next-line vitest/expect-expect -- a case throws by itself
    it.each([...cases])('$title', async (contractCase) => contractCase.check(await open()))
  })
}

/**
 * Describes to Vitest every contract that an adapter must keep for the ports that it has. Fails where it has none.
 *
 * @param open opens the adapter: once to see which ports it has, once for all their cases, and once for each case about
 *   opening and closing, and for those about two nodes twice. Each time it is closed again.
 */
export function describeAdapter(name: string, open: () => Promise<Adapter>): void {
  describe(`contract of ${name}`, async () => {
    const { contracts, tellsOfChanges } = await portsOfWhatOpens(open)
    let adapter: Adapter
    beforeAll(async () => {
      adapter = await open()
    })
    afterAll(() => adapter.close())

    it('has at least one port to keep a contract', () => expect(contracts).not.toEqual([]))
    for (const { name: port, cases } of contracts) describeContract(port, cases, () => adapter)
    describeContract('Adapter', adapterContract, () => open)
    if (tellsOfChanges) describeContract('ClientChanges between nodes', clientChangesBetweenNodesContract, () => open)
  })
}

interface Ports {
  readonly contracts: readonly PortContract[]
  readonly tellsOfChanges: boolean
}

async function portsOfWhatOpens(open: () => Promise<Adapter>): Promise<Ports> {
  const adapter = await open()
  await adapter.close()
  return { contracts: contractsOf(adapter), tellsOfChanges: adapter.clientChanges !== undefined }
}
