import { describe, expect, it } from 'vitest'
import { readAddress } from '../src/redis-address.ts'

const read = (address: string) => readAddress(new URL(address))

describe('the address of Redis', () => {
  it('names a server alone, and the rest is as it should be for most', () => {
    expect(read('redis://cache.example')).toEqual({
      topology: 'standalone',
      nodes: [{ host: 'cache.example', port: 6379 }],
      tls: false,
      database: 0,
      prefix: 'latchkey',
      waitReplicas: 0,
      allowEviction: false,
    })
  })

  it('says everything else too', () => {
    const address =
      'rediss://us%40er:p%2Fss@[::1]:7000/3?prefix=a.b:c-d_E&wait_replicas=2&dangerously_allow_eviction=true'
    expect(read(address)).toEqual({
      topology: 'standalone',
      nodes: [{ host: '::1', port: 7000 }],
      tls: true,
      username: 'us@er',
      password: 'p/ss',
      database: 3,
      prefix: 'a.b:c-d_E',
      waitReplicas: 2,
      allowEviction: true,
    })
  })

  it('names a Cluster by some of its nodes, its own host the first of them', () => {
    const { topology, nodes } = read('redis://:secret@a:7000?cluster=true&node=b:7001&node=[::1]:7002&node=c')
    expect(topology).toBe('cluster')
    expect(nodes).toEqual([
      { host: 'a', port: 7000 },
      { host: 'b', port: 7001 },
      { host: '::1', port: 7002 },
      { host: 'c', port: 6379 },
    ])
  })

  it('needs no host of its own beside nodes', () => {
    expect(read('redis:?cluster=true&node=a:7000').nodes).toEqual([{ host: 'a', port: 7000 }])
    expect(read('redis://?cluster=true&node=a:7000').nodes).toEqual([{ host: 'a', port: 7000 }])
  })

  it('names a primary that Sentinels know, which listen at a port of their own', () => {
    const { topology, nodes, database } = read('redis://s1/5?sentinel=primary&node=s2:26380')
    expect(topology).toEqual({ sentinelName: 'primary' })
    expect(nodes).toEqual([
      { host: 's1', port: 26_379 },
      { host: 's2', port: 26_380 },
    ])
    expect(database).toBe(5)
  })

  it.each([
    ['redis://h?Prefix=x', '"Prefix"'],
    ['redis://h?__proto__=x', '"__proto__"'],
    ['redis://h?prefix=a&prefix=b', '"prefix" once'],
    ['redis://h?prefix=', 'prefix must match'],
    ['redis://h?prefix=%7Ba%7D', 'prefix must match'],
    ['redis://h?prefix=*', 'prefix must match'],
    ['redis://h?wait_replicas=', '"wait_replicas"'],
    ['redis://h?wait_replicas=-1', '"wait_replicas"'],
    ['redis://h?wait_replicas=1.5', '"wait_replicas"'],
    ['redis://h?wait_replicas=100', '"wait_replicas"'],
    ['redis://h?cluster=yes', '"cluster"'],
    ['redis://h?dangerously_allow_eviction=1', '"dangerously_allow_eviction"'],
    ['redis://h?cluster=true&sentinel=x', 'not both'],
    ['redis://h?sentinel=', '"sentinel"'],
    ['redis://h?node=a:1', '"node" beside'],
    ['redis://h?cluster=true&node=hush:hush', '"node"'],
    ['redis://h?cluster=true&node=a:65536', '"node"'],
    ['redis://h?cluster=true&node=user@a:1', '"node"'],
    ['redis://h/1?cluster=true', 'database 0'],
    ['redis://h/name', 'number of a database'],
    ['redis://h/-1', 'number of a database'],
    ['redis://h#fragment', '#'],
    ['redis:', 'names a host'],
    ['redis:?cluster=true', 'names a host'],
    ['redis://u:%E0%A4%A@h', 'percent-encoded'],
    ['memory:', 'redis: and rediss:'],
  ])('refuses %s, and says what is wrong', (address, reason) => {
    expect(() => read(address)).toThrow(reason)
  })

  it.each([
    'redis://u:hush@h?x=1',
    'redis://u:hush@h/name',
    'redis://u:hush%E0%A4%A@h',
    'redis:?cluster=true&node=hush@h',
  ])('tells no password of %s', (address) => {
    expect(() => read(address)).toThrow(expect.objectContaining({ message: expect.not.stringContaining('hush') }))
  })
})
