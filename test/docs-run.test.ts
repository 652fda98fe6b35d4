import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { problemsUnderFapi2 } from '../packages/core/src/domain/fapi2.ts'
import { parseClientsFile } from '../packages/core/src/protocol/clients-file.ts'
import type { DemoClient } from '../packages/http/src/cli/demo-client.ts'
import { addDemoClient } from '../packages/http/src/cli/demo-client.ts'
import { run } from '../packages/http/src/cli/run.ts'
import { readConfig } from '../packages/http/src/config/read-config.ts'
import { createLog } from '../packages/http/src/log/log.ts'
import type { Service } from '../packages/http/src/service.ts'
import { startService } from '../packages/http/src/service.ts'
import { codeSpansIn, DOCUMENTS, fencedBlocksIn, ROOT, textOf } from './markdown.ts'

const silence = () => createLog('silent', new Writable({ write: (_chunk, _encoding, done) => done() }))

const shellBlocksOf = (file: string): readonly string[] =>
  fencedBlocksIn(textOf(file))
    .filter(({ info }) => info === 'sh')
    .map(({ content }) => content)

describe('the curl lines of the README', () => {
  let service: Service
  let client: DemoClient

  beforeAll(async () => {
    service = await startService({
      config: readConfig({ LATCHKEY_PORT: '0', LATCHKEY_ISSUER: 'http://localhost' }, textOf),
      log: silence(),
      directory: ROOT,
      readFile: textOf,
      async prepare({ clients }) {
        client = await addDemoClient(clients)
      },
    })
  })
  afterAll(() => service.close())

  const lines = shellBlocksOf('README.md')
    .flatMap((block) => block.split('\n'))
    .filter((line) => line.startsWith('curl '))

  async function paste(line: string, token = ''): Promise<unknown> {
    const command = line.replace('curl ', 'curl --silent --fail ').replace('http://localhost:4000', service.address)
    const environment = { ...process.env, CLIENT_ID: client.id, CLIENT_SECRET: client.secret, TOKEN: token }
    const { stdout } = await promisify(execFile)('sh', ['-c', command], { env: environment })
    return stdout === '' ? undefined : JSON.parse(stdout)
  }

  it('issue a token, introspect it and revoke it', async () => {
    expect(lines).toHaveLength(3)
    const [issue = '', introspect = '', revoke = ''] = lines
    const answer = (await paste(issue)) as { readonly access_token: string }
    expect(await paste(introspect, answer.access_token)).toMatchObject({ active: true, client_id: client.id })
    expect(await paste(revoke, answer.access_token)).toBeUndefined()
    expect(await paste(introspect, answer.access_token)).toEqual({ active: false })
  })

  it('answer what is printed below them', async () => {
    const [printed] = fencedBlocksIn(textOf('README.md')).filter(({ info }) => info === 'json')
    const answer = (await paste(lines[0] ?? '')) as Record<string, unknown>
    expect({ ...answer, access_token: 'lk_at_…' }).toEqual(JSON.parse(printed?.content ?? ''))
  })
})

it('runs the service on the adapter that the how-to writes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-docs-'))
  const journal = pathToFileURL(join(folder, 'journal')).href
  const environment = {
    LATCHKEY_PORT: '0',
    LATCHKEY_ISSUER: 'http://localhost',
    LATCHKEY_STORAGE: `./examples/write-an-adapter.ts#${journal}`,
  }
  const start = () =>
    startService({ config: readConfig(environment, textOf), log: silence(), directory: ROOT, readFile: textOf })
  const before = await start()
  const { id } = await addDemoClient(before.storage.clients)
  await before.close()
  const after = await start()
  expect(await after.storage.clients.find(id)).toMatchObject({ id })
  await after.close()
  rmSync(folder, { recursive: true })
})

describe('clients files in documents', () => {
  /** Hashes are cut short in documents. */
  const HASHES = {
    '$scrypt$…': `$scrypt$ln=15,r=8,p=3$${'A'.repeat(22)}$${'A'.repeat(43)}`,
    '$sha256$id=…': `$sha256$id=${'A'.repeat(12)}$${'A'.repeat(43)}`,
  }
  const files = DOCUMENTS.flatMap((file) =>
    fencedBlocksIn(textOf(file))
      .filter(({ info, content }) => info === 'json' && /"(?:client_secret|scopes?)\w*": /.test(content))
      .map(({ content }) => ({ file, content })),
  )

  it('are found', () => expect(files.length).toBeGreaterThan(3))

  it.each(files)('can be read: $file', ({ content }) => {
    let text = content
    for (const [short, hash] of Object.entries(HASHES)) text = text.replaceAll(short, hash)
    expect(() => parseClientsFile(text)).not.toThrow()
  })
})

it('keeps to FAPI 2.0 in the clients file of the page about it', () => {
  const [file] = fencedBlocksIn(textOf('docs/how-to/follow-fapi-2.md')).filter(({ info }) => info === 'json')
  const { clients } = parseClientsFile(file?.content ?? '')
  expect(clients).toHaveLength(3)
  for (const { definition, credentials } of clients)
    expect(problemsUnderFapi2({ ...definition, credentials })).toEqual([])
})

describe('the command line', () => {
  it('has every command that the documents tell of, and no other', async () => {
    let help = ''
    const stdout = new Writable({
      write(chunk, _encoding, done) {
        help += String(chunk)
        done()
      },
    })
    const io = { stdin: process.stdin, stdout, stderr: stdout, environment: {}, directory: ROOT }
    expect(await run(['--help'], io)).toBe(0)
    const there = new Set([...help.matchAll(/^ {2}([a-z][a-z-]+) /gm)].map(([, name]) => name))
    const told = DOCUMENTS.flatMap((file) => [...codeSpansIn(textOf(file)), ...shellBlocksOf(file)])
      .flatMap((code) => [...code.matchAll(/(?:^| )latchkey ([a-z][a-z-]+)/gm)])
      .map(([, name]) => name)
    expect(new Set(told)).toEqual(there)
  })
})
