import { setTimeout as sleep } from 'node:timers/promises'
import { askRedis } from './answers.mjs'
import { startRedis } from './redis-server.mjs'

const MASTERS = 3
const SLOTS = 16_384
const READY_WITHIN_MS = 60_000

/**
 * Three masters with a replica each. The masters are the first three of `nodes`.
 *
 * @param {{ readonly config?: Readonly<Record<string, string>> }} [options]
 */
export async function startRedisCluster({ config = {} } = {}) {
  const clustered = {
    'cluster-enabled': 'yes',
    'cluster-node-timeout': '2000',
    'repl-diskless-sync-delay': '0',
    'repl-ping-replica-period': '1',
  }
  const starting = Array.from({ length: MASTERS * 2 }, () => startRedis({ config: { ...clustered, ...config } }))
  const settled = await Promise.allSettled(starting)
  const nodes = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()))
  }
  try {
    for (const result of settled) if (result.status === 'rejected') throw result.reason
    await join(nodes.map(({ port }) => port))
  } catch (error) {
    await stop()
    throw error
  }
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`)
  return {
    /** The address of one node, as a client would be given it with the others behind it. */
    url: `redis://${addresses[0]}`,
    nodes,
    addresses,
    stop,
  }
}

/** @param {readonly number[]} ports */
async function join(ports) {
  const [first = 0, ...others] = ports
  const masters = ports.slice(0, MASTERS)
  for (const [index, port] of masters.entries()) {
    const from = Math.ceil((index * SLOTS) / MASTERS)
    const to = Math.ceil(((index + 1) * SLOTS) / MASTERS) - 1
    await told(port, 'CLUSTER', 'ADDSLOTSRANGE', from, to)
  }
  for (const [index, port] of ports.entries()) await told(port, 'CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
  for (const port of others) await told(port, 'CLUSTER', 'MEET', '127.0.0.1', first)
  await until('every node knows every other', () => everyNode(ports, knowsAll(ports.length)))
  for (const [index, port] of ports.slice(MASTERS).entries()) {
    const id = (await askRedis(masters[index] ?? 0, 'CLUSTER', 'MYID')).split('\r\n')[1] ?? ''
    await told(port, 'CLUSTER', 'REPLICATE', id)
  }
  await until('the cluster serves', () => everyNode(ports, serves))
  await until('the replicas follow', () => everyNode(ports.slice(MASTERS), follows))
  await until('every node names every other to clients', () => everyNode(ports, namesAll(ports)))
}

/** @param {number} count */
const knowsAll = (count) => async (/** @type {number} */ port) => {
  const nodes = await askRedis(port, 'CLUSTER', 'NODES')
  return (
    nodes.split('\n').filter((line) => line.includes(' connected')).length === count && !nodes.includes('handshake')
  )
}

/** @param {readonly number[]} ports */
const namesAll = (ports) => async (/** @type {number} */ port) => {
  // A replica is named to clients once it has told how far it has come.
  const slots = await askRedis(port, 'CLUSTER', 'SLOTS')
  return ports.every((each) => slots.includes(`:${each}\r\n`))
}

/** @param {number} port */
async function serves(port) {
  const info = await askRedis(port, 'CLUSTER', 'INFO')
  return info.includes('cluster_state:ok') && info.includes('cluster_slots_ok:16384')
}

/** @param {number} port */
async function follows(port) {
  return (await askRedis(port, 'INFO', 'replication')).includes('master_link_status:up')
}

/**
 * @param {readonly number[]} ports
 * @param {(port: number) => Promise<boolean>} holds
 */
async function everyNode(ports, holds) {
  return (await Promise.all(ports.map(holds))).every(Boolean)
}

/**
 * @param {number} port
 * @param {...(string | number)} words
 */
async function told(port, ...words) {
  const reply = await askRedis(port, ...words)
  if (!reply.startsWith('+OK')) throw new Error(`${words.join(' ')}: ${reply.trim()}`)
}

/**
 * @param {string} what
 * @param {() => Promise<boolean>} holds
 */
export async function until(what, holds) {
  const deadline = Date.now() + READY_WITHIN_MS
  while (!(await holds().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`it does not come to this: ${what}`)
    await sleep(50)
  }
}
