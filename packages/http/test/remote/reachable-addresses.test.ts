import { describe, expect, it } from 'vitest'
import { reachableAddresses } from '../../src/remote/reachable-addresses.ts'

describe('addresses that documents are fetched from', () => {
  const isReachable = reachableAddresses()

  it.each([
    ['IPv4', '93.184.215.14'],
    ['the last before a private block', '9.255.255.255'],
    ['the first after the shared block', '100.128.0.0'],
    ['the first after loopback', '128.0.0.1'],
    ['IPv6', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'],
    ['the first after the assignments of protocols', '2001:200::1'],
  ])('are those of the public network: %s', (_what, address) => {
    expect(isReachable(address)).toBe(true)
  })

  it.each([
    ['unspecified', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['shared behind a carrier', '100.64.0.1'],
    ['shared behind a carrier', '100.127.255.255'],
    ['loopback', '127.0.0.1'],
    ['loopback', '127.255.255.254'],
    ['link-local', '169.254.169.254'],
    ['assigned to protocols', '192.0.0.170'],
    ['documentation', '192.0.2.1'],
    ['documentation', '198.51.100.1'],
    ['documentation', '203.0.113.1'],
    ['6to4 relay', '192.88.99.1'],
    ['benchmarks', '198.18.0.1'],
    ['multicast', '224.0.0.1'],
    ['multicast', '239.255.255.255'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['unspecified', '::'],
    ['loopback', '::1'],
    ['IPv4-compatible', '::10.0.0.1'],
    ['IPv4-compatible, public', '::8.8.8.8'],
    ['IPv4-mapped', '::ffff:10.0.0.1'],
    ['IPv4-mapped, as a URL writes it', '::ffff:7f00:1'],
    ['IPv4-mapped, public', '::ffff:8.8.8.8'],
    ['IPv4-translated', '::ffff:0:10.0.0.1'],
    ['NAT64', '64:ff9b::10.0.0.1'],
    ['NAT64, public', '64:ff9b::8.8.8.8'],
    ['NAT64 of a network', '64:ff9b:1::1'],
    ['discard', '100::1'],
    ['Teredo', '2001::1'],
    ['ORCHID', '2001:20::1'],
    ['documentation', '2001:db8::1'],
    ['6to4', '2002:a00:1::1'],
    ['6to4, public', '2002:808:808::1'],
    ['documentation', '3fff::1'],
    ['segment routing', '5f00::1'],
    ['unique local', 'fc00::1'],
    ['unique local', 'fd12:3456::1'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['public with a zone', '2606:2800::1%eth0'],
    ['site-local', 'fec0::1'],
    ['multicast', 'ff02::1'],
    ['no address', 'localhost'],
    ['no address', '2130706433'],
    ['no address', '0x7f.1'],
    ['nothing', ''],
  ])('are none of: %s (%s)', (_what, address) => {
    expect(isReachable(address)).toBe(false)
  })

  it('are those that the operator named besides, and no others', () => {
    const inner = reachableAddresses(['10.1.0.0/16', 'fd00::1'])
    expect(['10.1.2.3', 'fd00::1', '93.184.215.14'].map(inner)).toEqual([true, true, true])
    expect(['10.2.0.1', 'fd00::2', '169.254.169.254', '127.0.0.1', '::1'].map(inner)).toEqual(Array(5).fill(false))
  })

  it('cannot be named by what is no address', () => {
    expect(() => reachableAddresses(['intranet'])).toThrow('"intranet" is neither an address nor a CIDR block')
  })
})
