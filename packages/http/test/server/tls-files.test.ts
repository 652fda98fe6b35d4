import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { Agent } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type CertifiedClients, certificatesOf } from '../certified-clients.ts'
import { type MadeAuthority, makeAuthority } from '../made-authority.ts'
import { type MadeCertificate, makeCertificate } from '../remote/made-certificate.ts'
import { type StartedService, startedService } from '../started-service.ts'
import { sendOverTls, tokenRequestOf } from '../tls-requests.ts'

let made: CertifiedClients
let others: MadeAuthority
let ofOthers: MadeCertificate
let before: MadeCertificate
let after: MadeCertificate
let directory: string
let started: StartedService

beforeAll(async () => {
  made = await certificatesOf()
  others = await makeAuthority('others')
  ofOthers = await others.issue({ subject: '/O=Example/CN=reports' })
  before = await makeCertificate('DNS:localhost')
  after = await makeCertificate('DNS:localhost')
})
afterAll(async () => {
  await made.remove()
  await others.remove()
})

/** Files as Kubernetes mounts them: links through a link to a folder, which is turned to another folder. */
async function mount(files: Readonly<Record<string, string>>): Promise<void> {
  const folder = join(directory, `..${Math.random()}`)
  await mkdir(folder)
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  await symlink(folder, join(directory, '..next'))
  await rename(join(directory, '..next'), join(directory, '..data'))
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'latchkey-tls-files-'))
  await mount({ cert: before.cert, key: before.key, ca: made.ca })
  for (const name of ['cert', 'key', 'ca']) await symlink(join('..data', name), join(directory, name))
  started = await startedService(
    {
      LATCHKEY_ISSUER: 'https://localhost:4000',
      LATCHKEY_TLS_CERT: join(directory, 'cert'),
      // A file whose content is a path, and a file whose content is the value.
      LATCHKEY_TLS_KEY_FILE: join(directory, 'key'),
      LATCHKEY_TLS_CLIENT_CA: join(directory, 'ca'),
    },
    {
      tlsFilesEveryMs: 10,
      async prepare({ clients }) {
        for (const client of made.clients) await clients.add(client)
      },
    },
  )
})
afterEach(async () => {
  await started.service.close()
  await rm(directory, { recursive: true })
})

/** The certificate that the service shows now. */
const served = (): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connectTls({ port: started.port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '')
      socket.destroy()
    })
    socket.on('error', reject)
  })
const fingerprintOf = ({ cert }: MadeCertificate): string => new X509Certificate(cert).fingerprint256
const eventsOf = (): readonly { readonly event: string; readonly level: string; readonly msg: string }[] =>
  started.logged.map((line) => JSON.parse(line)).filter(({ event }) => event.startsWith('tls_'))

describe('the files of TLS', () => {
  it('are read again when a link is turned, and connections that are open go on', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const { port } = started
    const ask = () =>
      sendOverTls({ port, agent, ca: before.cert, shown: made.named, body: tokenRequestOf('by-subject') })
    expect((await ask()).status).toBe(200)
    const [socket] = Object.values(agent.freeSockets).flat()
    await mount({ cert: after.cert, key: after.key, ca: made.ca })
    await vi.waitUntil(async () => (await served()) === fingerprintOf(after), { timeout: 5000 })
    expect((await ask()).status).toBe(200)
    expect(Object.values(agent.freeSockets).flat()).toEqual([socket])
    expect(eventsOf()).toMatchObject([{ event: 'tls_renewed', level: 'info' }])
    agent.destroy()
  })

  it('have other authorities for clients, and no session of before is taken up again', async () => {
    const agent = new Agent({ maxCachedSessions: 1 })
    const ask = (shown: MadeCertificate, by?: Agent) =>
      sendOverTls({ port: started.port, agent: by, ca: before.cert, shown, body: tokenRequestOf('by-subject') })
    expect((await ask(made.named, agent)).status).toBe(200)
    expect(await ask(made.named, agent)).toMatchObject({ status: 200, isResumed: true })
    expect((await ask(ofOthers)).status).toBe(401)
    await mount({ cert: before.cert, key: before.key, ca: others.ca })
    await vi.waitUntil(async () => (await ask(ofOthers)).status === 200, { timeout: 5000 })
    expect(await ask(made.named, agent)).toMatchObject({ status: 401, isResumed: false })
    agent.destroy()
  })

  it.each<[string, () => Record<string, string>, RegExp]>([
    ['a key that is another’s', () => ({ cert: after.cert, key: before.key, ca: made.ca }), /^LATCHKEY_TLS_CERT and/],
    [
      'a key that is cut off',
      () => ({ cert: after.cert, key: after.key.slice(0, -80), ca: made.ca }),
      /^LATCHKEY_TLS_CERT and/,
    ],
    [
      'authorities that are none',
      () => ({ cert: before.cert, key: before.key, ca: 'x' }),
      /^LATCHKEY_TLS_CLIENT_CA is/,
    ],
    ['a file that is gone', () => ({ cert: before.cert, key: before.key }), /^LATCHKEY_TLS_CLIENT_CA: cannot read/],
  ])('are kept as they were by %s, which is warned of once', async (_, files, problem) => {
    await mount(files())
    await vi.waitUntil(() => eventsOf().length > 0, { timeout: 5000 })
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(eventsOf()).toMatchObject([{ event: 'tls_kept', level: 'warn', msg: expect.stringMatching(problem) }])
    expect(await served()).toBe(fingerprintOf(before))
    for (const secret of [before.key, after.key]) {
      const line = secret.split('\n')[1] ?? ''
      expect(started.logged.join('')).not.toContain(line)
    }
    await mount({ cert: after.cert, key: after.key, ca: made.ca })
    await vi.waitUntil(async () => (await served()) === fingerprintOf(after), { timeout: 5000 })
  })

  it('are not waited for where one has become a pipe', async () => {
    await mount({ cert: after.cert, ca: made.ca })
    await promisify(execFile)('mkfifo', [join(directory, '..data', 'key')])
    await vi.waitUntil(() => eventsOf().length > 0, { timeout: 5000 })
    expect(eventsOf()[0]?.msg).toMatch(/^LATCHKEY_TLS_KEY_FILE: cannot read .*: it is no file that can be read again/)
    expect(await served()).toBe(fingerprintOf(before))
  })

  it('are left alone once the service ends', async () => {
    await started.service.close()
    const before = started.logged.length
    await mount({ cert: 'x', key: 'x', ca: 'x' })
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(started.logged.length).toBe(before)
  })
})
