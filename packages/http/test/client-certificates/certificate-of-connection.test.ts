import { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { afterEach, expect, it, vi } from 'vitest'
import { createConnectionCertificates } from '../../src/client-certificates/certificate-of-connection.ts'
import { CERT } from '../tls-key-pair.ts'

afterEach(() => vi.useRealTimers())

const x509 = new X509Certificate(CERT)

/** What a connection of Node tells, and how often it was asked. */
function connection(authorized: boolean, peer: X509Certificate | undefined) {
  const getPeerX509Certificate = vi.fn<() => X509Certificate | undefined>(() => peer)
  return { socket: { authorized, getPeerX509Certificate } as unknown as Socket, getPeerX509Certificate }
}

it('reads the certificate of a connection once', () => {
  const certificateOf = createConnectionCertificates(true)
  const { socket, getPeerX509Certificate } = connection(true, x509)
  const first = certificateOf(socket)
  expect(first).toEqual({ der: x509.raw, isVerified: true })
  expect(certificateOf(socket)).toBe(first)
  expect(getPeerX509Certificate).toHaveBeenCalledTimes(1)
})

it('takes an authorized connection without a certificate for one without a certificate', () => {
  // What Node says of a session that is taken up again by TLS 1.3.
  expect(createConnectionCertificates(true)(connection(true, undefined).socket)).toBeUndefined()
})

it('calls nothing verified that is not, nor anything where there are no authorities', () => {
  expect(createConnectionCertificates(true)(connection(false, x509).socket)?.isVerified).toBe(false)
  expect(createConnectionCertificates(false)(connection(true, x509).socket)?.isVerified).toBe(false)
})

it('lets a certificate prove a name until it expires, on a connection that lives on', () => {
  vi.useFakeTimers({ now: Date.parse(x509.validTo) - 1000 })
  const certificateOf = createConnectionCertificates(true)
  const { socket } = connection(true, x509)
  expect(certificateOf(socket)?.isVerified).toBe(true)
  vi.advanceTimersByTime(1000)
  expect(certificateOf(socket)).toEqual({ der: x509.raw, isVerified: false })
})
