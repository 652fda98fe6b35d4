import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { join } from 'node:path'
import { freePort, startNginx } from '@latchkey/test-backends'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CertifiedClients, certificatesOf, forwardedBy } from '../certified-clients.ts'
import { sendTo } from '../hosts.ts'
import type { MadeCertificate } from '../remote/made-certificate.ts'
import { type StartedService, startedService } from '../started-service.ts'
import { basic, FORM } from '../test-server.ts'
import { CERT, KEY } from '../tls-key-pair.ts'
import { type SentOverTls, sendOverTls, thumbprintOf, tokenRequestOf } from '../tls-requests.ts'

let made: CertifiedClients
let started: StartedService
let nginx: Awaited<ReturnType<typeof startNginx>>
let port: number

/** What the how-to tells operators to write. */
function blockOfDocument(): string {
  const path = join(import.meta.dirname, '../../../../docs/how-to/use-client-certificates.md')
  const block = /^```nginx\n([\s\S]*?)^```$/m.exec(readFileSync(path, 'utf8'))?.[1]
  if (block === undefined) throw new Error(`${path} has no block of nginx`)
  return block
}

beforeAll(async () => {
  made = await certificatesOf()
  port = await freePort()
  started = await startedService(
    {
      LATCHKEY_ISSUER: `https://localhost:${port}`,
      LATCHKEY_TRUSTED_PROXIES: '127.0.0.1',
      LATCHKEY_FORWARDED_CLIENT_CERT: 'nginx',
      LATCHKEY_FORWARDED_CLIENT_VERIFY: 'ssl-client-verify',
    },
    {
      async prepare({ clients }) {
        for (const client of made.clients) await clients.add(client)
      },
    },
  )
  nginx = await startNginx({
    port,
    files: { 'auth.crt': CERT, 'auth.key': KEY, 'client-ca.pem': made.ca },
    servers: (directory) =>
      blockOfDocument()
        .replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
        .replace('127.0.0.1:4000', `127.0.0.1:${started.port}`)
        .replaceAll('/etc/nginx', directory),
  })
})

afterAll(async () => {
  await nginx.stop()
  await started.service.close()
  await made.remove()
})

const ask = (clientId: string, shown?: MadeCertificate, more: Partial<SentOverTls> = {}) =>
  sendOverTls({ port, shown, body: tokenRequestOf(clientId), ...more })

/** Spelt in every way that some proxy or program takes for the same. */
const spelt = (fields: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => [
      [name.toUpperCase(), value],
      [name.replaceAll('-', '_'), value],
    ]),
  )

describe('nginx in front of the service, as the how-to sets it up', () => {
  it('RFC 8705 §6.5 · C45, C49 · gets a client with a certificate of the authorities a token by its name', async () => {
    for (const clientId of ['by-subject', 'by-dns'])
      expect(await ask(clientId, made.named)).toMatchObject({ status: 200, json: { token_type: 'Bearer' } })
    expect((await ask('by-subject', made.otherNamed)).status).toBe(401)
  })

  it.each([
    ['of an authority with the same name', () => made.ofOthers],
    ['that its client has signed', () => made.forged],
  ])('RFC 8705 §6.5 · C45, C49 · passes on a certificate %s, which proves no name', async (_, shownBy) => {
    const shown = shownBy()
    expect(await ask('by-subject', shown)).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
    const headers = { authorization: basic('bound', made.boundSecret) }
    expect((await ask('bound', shown, { headers })).status).toBe(200)
  })

  it('RFC 8705 §6.5 · C45 · turns a certificate away by itself that has expired', async () => {
    expect((await ask('by-subject', made.expired)).status).toBe(400)
  })

  it('RFC 8705 §2.2 · C44, C49 · lets a self-signed certificate be known as a whole', async () => {
    expect((await ask('self-signed', made.selfSigned)).status).toBe(200)
    expect((await ask('self-signed', made.alike)).status).toBe(401)
    expect((await ask('self-signed')).status).toBe(401)
  })

  it('RFC 9700 §4.13 · A12, C49 · drops what a client sends under the names of its headers', async () => {
    const forged = { ...forwardedBy('nginx', made.named), 'ssl-client-verify': 'SUCCESS' }
    for (const headers of [forged, spelt(forged)])
      for (const shown of [undefined, made.forged, made.selfSigned])
        expect((await ask('by-subject', shown, { headers })).status).toBe(401)
    const certificateOnly = forwardedBy('nginx', made.selfSigned)
    expect((await ask('self-signed', undefined, { headers: certificateOnly })).status).toBe(401)
    // And its own certificate counts, whatever it sends beside it.
    expect((await ask('self-signed', made.selfSigned, { headers: forged })).status).toBe(200)
  })

  it('RFC 9700 §4.13 · A12, C49 · is all that is believed: the forms of other proxies are not looked at', async () => {
    for (const form of ['rfc9440', 'envoy'] as const)
      expect((await ask('self-signed', undefined, { headers: forwardedBy(form, made.selfSigned) })).status).toBe(401)
  })

  it('RFC 8705 §3 · C46, C47 · lets tokens be bound to the certificate of its client', async () => {
    const headers = { authorization: basic('bound', made.boundSecret) }
    const { json } = await ask('bound', made.named, { headers })
    const body = new URLSearchParams({ token: String(json['access_token']) }).toString()
    expect((await sendOverTls({ port, path: '/oauth2/introspect', headers, body })).json).toMatchObject({
      active: true,
      cnf: { 'x5t#S256': thumbprintOf(made.named) },
    })
    expect((await ask('bound', undefined, { headers })).status).toBe(400)
  })

  it('RFC 8705 §2 · C45 · keeps to the certificate of a session that is taken up again', async () => {
    for (const [shown, clientId, status] of [
      [made.named, 'by-subject', 200],
      [made.forged, 'by-subject', 401],
      [made.selfSigned, 'self-signed', 200],
    ] as const) {
      const agent = new Agent({ maxCachedSessions: 1 })
      expect(await ask(clientId, shown, { agent })).toMatchObject({ status, isResumed: false })
      expect(await ask(clientId, shown, { agent })).toMatchObject({ status, isResumed: true })
      agent.destroy()
    }
  })

  it('RFC 9700 §4.13 · A12 · passed by, leaves nothing to believe', async () => {
    const headers = { 'content-type': FORM, ...forwardedBy('nginx', made.named), 'ssl-client-verify': 'SUCCESS' }
    // Straight to the port of the service, and from the address of the proxy: only the network can keep such a one out.
    const { status, body } = await sendTo(started.port, {
      path: '/oauth2/token',
      headers,
      body: tokenRequestOf('by-subject'),
    })
    expect([status, body]).toEqual([400, expect.stringContaining('TLS is required')])
  })
})
