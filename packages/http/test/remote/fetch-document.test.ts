import type { LookupAddress } from 'node:dns'
import type { RequestListener } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { createDocumentFetch, type DocumentFetchDeps } from '../../src/remote/fetch-document.ts'
import { reachableAddresses } from '../../src/remote/reachable-addresses.ts'
import { type HostileHost, startHostileHost } from './hostile-host.ts'

const KEYS = '{"keys":[]}'
const MOST = 4096

const open: HostileHost[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((host) => host.close()))
})

async function hostThat(answer: RequestListener, address?: string): Promise<HostileHost> {
  const host = await startHostileHost(answer, address)
  open.push(host)
  return host
}

const json: RequestListener = (_request, response) => {
  response.setHeader('content-type', 'application/json').end(KEYS)
}

const at = (...addresses: string[]): LookupAddress[] =>
  addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))

/** May reach 127.0.0.1, which is where `keys.example` is, unless a test says otherwise. */
const fetchFrom = (host: HostileHost, deps: Partial<DocumentFetchDeps> = {}) =>
  createDocumentFetch({
    resolve: async () => at('127.0.0.1'),
    isReachable: reachableAddresses(['127.0.0.1']),
    ca: [host.ca],
    timeoutMs: 5000,
    mostBytes: MOST,
    ...deps,
  })

describe('a document', () => {
  it('is fetched over https, with how long it may be kept', async () => {
    const host = await hostThat((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/jwk-set+json', 'cache-control': 'max-age=120' }).end(KEYS)
    })
    expect(await fetchFrom(host)(`${host.origin}/keys?of=me`)).toEqual({ text: KEYS, lifetimeSeconds: 120 })
    expect(host.requests).toEqual(['/keys?of=me'])
  })

  it('is fetched with no name, no password and no cookie', async () => {
    let fields: string[] = []
    const host = await hostThat((request, response) => {
      fields = Object.keys(request.headers).sort()
      json(request, response)
    })
    await fetchFrom(host)(`${host.origin}/keys`)
    expect(fields).toEqual(['accept', 'accept-encoding', 'connection', 'host', 'user-agent'])
  })

  it('is decoded where it comes by gzip', async () => {
    const host = await hostThat((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(KEYS))
    })
    expect(await fetchFrom(host)(`${host.origin}/keys`)).toMatchObject({ text: KEYS })
  })

  it.each(['application/json; charset=utf-8', 'application/jwk-set+json', 'text/plain', 'application/octet-stream'])(
    'may be called %s',
    async (contentType) => {
      const host = await hostThat((_request, response) => {
        response.writeHead(200, { 'content-type': contentType }).end(KEYS)
      })
      expect(await fetchFrom(host)(`${host.origin}/keys`)).toMatchObject({ text: KEYS })
    },
  )

  it('of another content type is refused', async () => {
    const host = await hostThat((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end(KEYS)
    })
    await expect(fetchFrom(host)(`${host.origin}/keys`)).resolves.toEqual({ reason: 'it is of another content type' })
  })

  it.each([201, 401, 403, 404, 410])('is refused when its host answers %i', async (status) => {
    const host = await hostThat((_request, response) => {
      response.writeHead(status).end()
    })
    expect(await fetchFrom(host)(`${host.origin}/keys`)).toEqual({ reason: `its host answered ${status}` })
  })

  it.each([429, 500, 503])('cannot be had when its host answers %i', async (status) => {
    const host = await hostThat((_request, response) => {
      response.writeHead(status).end('a secret of the host')
    })
    await expect(fetchFrom(host)(`${host.origin}/keys`)).rejects.toThrow(new RegExp(`^its host answered ${status}$`))
  })
})

describe('a host that would have the server sent elsewhere', () => {
  it('answers one address for the check and another for the connection: there is one answer, and it is the one that is checked', async () => {
    const inner = await hostThat(json, '127.0.0.2')
    const outer = await hostThat(json)
    const answers = [at('127.0.0.1'), at('127.0.0.2'), at('127.0.0.2')]
    let asked = 0
    const fetch = fetchFrom(outer, {
      resolve: async () => {
        asked += 1
        return answers.shift() ?? []
      },
    })
    await fetch(`${outer.origin}/keys`)
    expect({ asked, outer: outer.connections(), inner: inner.connections() }).toEqual({ asked: 1, outer: 1, inner: 0 })
    await expect(fetch(`https://keys.example:${inner.port}/keys`)).rejects.toThrow('not of the public network')
    expect({ asked, inner: inner.connections() }).toEqual({ asked: 2, inner: 0 })
  })

  it.each([
    ['an IPv4-mapped IPv6 address', '::ffff:127.0.0.1'],
    ['a link-local address', '169.254.169.254'],
    ['a link-local IPv6 address', 'fe80::1'],
    ['a loopback address', '127.0.0.1'],
    ['an address of NAT64', '64:ff9b::7f00:1'],
  ])('is at %s: it is not connected to', async (_what, address) => {
    const host = await hostThat(json)
    const fetch = fetchFrom(host, { isReachable: reachableAddresses(), resolve: async () => at(address) })
    await expect(fetch(`${host.origin}/keys`)).rejects.toThrow('not of the public network')
    expect(host.connections()).toBe(0)
  })

  it('has an inner address beside a public one: neither is connected to', async () => {
    const host = await hostThat(json)
    const resolve = async () => at('93.184.215.14', '127.0.0.1')
    const fetch = fetchFrom(host, { isReachable: reachableAddresses(), resolve })
    await expect(fetch(`${host.origin}/keys`)).rejects.toThrow('not of the public network')
    expect(host.connections()).toBe(0)
  })

  it.each([
    ['IPv4', '127.0.0.1'],
    ['a number', '2130706433'],
    ['hexadecimal digits', '0x7f.1'],
    ['IPv6', '[::1]'],
    ['IPv4-mapped IPv6', '[::ffff:127.0.0.1]'],
  ])('is named by its inner address in %s: it is not connected to', async (_what, named) => {
    const host = await hostThat(json)
    const fetch = fetchFrom(host, { isReachable: reachableAddresses() })
    await expect(fetch(`https://${named}:${host.port}/keys`)).rejects.toThrow('not of the public network')
    expect(host.connections()).toBe(0)
  })

  it('redirects: that is not followed', async () => {
    const target = await hostThat(json)
    const host = await hostThat((_request, response) => {
      response.writeHead(302, { location: `https://keys.example:${target.port}/` }).end()
    })
    await expect(fetchFrom(host)(`${host.origin}/keys`)).resolves.toEqual({ reason: 'its host answered 302' })
    expect(target.connections()).toBe(0)
  })

  it('is asked over plain http: it is not connected to', async () => {
    const host = await hostThat(json)
    await expect(fetchFrom(host)(`http://keys.example:${host.port}/keys`)).rejects.toThrow('not of https')
    expect(host.connections()).toBe(0)
  })

  it.each([
    ['a user name', 'https://me@keys.example'],
    ['a password', 'https://me:secret@keys.example'],
    ['the name of another host', 'https://public.example%20@keys.example'],
  ])('is named with %s: it is not connected to', async (_what, origin) => {
    const host = await hostThat(json)
    await expect(fetchFrom(host)(`${origin}:${host.port}/`)).rejects.toThrow('a user name or a password')
    expect(host.connections()).toBe(0)
  })

  it('shows a certificate of another name: it is not believed', async () => {
    const host = await hostThat(json)
    await expect(fetchFrom(host)(`https://nobody.example:${host.port}/keys`)).rejects.toThrow(/altnames/)
    expect(host.requests).toEqual([])
  })

  it('shows a certificate that nobody vouches for: it is not believed', async () => {
    const host = await hostThat(json)
    await expect(fetchFrom(host, { ca: undefined })(`${host.origin}/keys`)).rejects.toThrow(/self.signed/)
    expect(host.requests).toEqual([])
  })
})

describe('a host that would have the server run out of something', () => {
  it('sends a gzip bomb: it is refused as soon as what it stands for is too long', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20))
    const host = await hostThat((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb)
    })
    const before = process.memoryUsage().arrayBuffers
    await expect(fetchFrom(host)(`${host.origin}/keys`)).resolves.toEqual({ reason: `it is longer than ${MOST} bytes` })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024)
  })

  it('sends a body that is zipped twice: it is refused', async () => {
    const host = await hostThat((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip, gzip' }).end(gzipSync(gzipSync(KEYS)))
    })
    await expect(fetchFrom(host)(`${host.origin}/keys`)).resolves.toEqual({ reason: 'it is encoded in an unknown way' })
  })

  it('sends a huge set of keys: it is read no further than a document may be long', async () => {
    let sent = 0
    const host = await hostThat((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('{"keys":[')
      const key = Buffer.from(`${'{"kty":"OKP"},'.repeat(4096)}`)
      const more = (): void => {
        while (!response.destroyed && sent < 512 * 1024 * 1024) {
          sent += key.length
          if (!response.write(key)) return void response.once('drain', more)
        }
      }
      more()
    })
    await expect(fetchFrom(host)(`${host.origin}/keys`)).resolves.toEqual({ reason: `it is longer than ${MOST} bytes` })
    expect(sent).toBeLessThan(64 * 1024 * 1024)
  })

  it('drips: it is given up when the time for all of it is over', async () => {
    const host = await hostThat((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const drip = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(drip))
    })
    const begun = performance.now()
    await expect(fetchFrom(host, { timeoutMs: 300 })(`${host.origin}/keys`)).rejects.toThrow('longer than 300 ms')
    expect(performance.now() - begun).toBeLessThan(2000)
  })

  it.each([
    ['the answer', (() => undefined) satisfies RequestListener],
    [
      'the header',
      ((_request, response) => void response.socket?.write('HTTP/1.1 200 OK\r\n')) satisfies RequestListener,
    ],
  ])('never ends %s: it is given up', async (_what, answer) => {
    const host = await hostThat(answer as RequestListener)
    await expect(fetchFrom(host, { timeoutMs: 200 })(`${host.origin}/keys`)).rejects.toThrow('longer than 200 ms')
  })

  it('closes the connection without an answer: it is not asked again', async () => {
    const host = await hostThat((_request, response) => void response.socket?.destroy())
    await expect(fetchFrom(host)(`${host.origin}/keys`)).rejects.toThrow(/clos/)
    expect(host.connections()).toBe(1)
  })

  it('has a name that is never resolved: it is given up', async () => {
    const host = await hostThat(json)
    const fetch = fetchFrom(host, { timeoutMs: 100, resolve: () => new Promise(() => undefined) })
    await expect(fetch(`${host.origin}/keys`)).rejects.toThrow('longer than 100 ms')
  })

  it('sends an endless header: it is refused', async () => {
    const host = await hostThat((_request, response) => {
      response.socket?.write(`HTTP/1.1 200 OK\r\nx-long: ${'x'.repeat(64 * 1024)}\r\n\r\n`)
    })
    await expect(fetchFrom(host)(`${host.origin}/keys`)).rejects.toThrow(/[Hh]eaders? overflow/i)
  })

  it('sends what gzip never made: it is refused', async () => {
    const host = await hostThat((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(KEYS)
    })
    await expect(fetchFrom(host)(`${host.origin}/keys`)).resolves.toEqual({ reason: 'it is not what gzip makes' })
  })

  it('sends what is no UTF-8: it is refused', async () => {
    const host = await hostThat((_request, response) => {
      response.end(Buffer.from([0x22, 0xff, 0x22]))
    })
    await expect(fetchFrom(host)(`${host.origin}/keys`)).resolves.toEqual({ reason: 'it is no UTF-8' })
  })
})

describe('a host with several addresses', () => {
  it('is asked at the next where the first does not answer', async () => {
    const host = await hostThat(json, '127.0.0.2')
    const isReachable = reachableAddresses(['127.0.0.0/8'])
    const fetch = fetchFrom(host, { isReachable, resolve: async () => at('127.0.0.3', '127.0.0.2') })
    expect(await fetch(`${host.origin}/keys`)).toMatchObject({ text: KEYS })
  })
})
