import { spawn } from 'node:child_process'
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { afterEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { readConfig } from '../packages/http/src/config/read-config.ts'
import { HEALTH_PATHS } from '../packages/http/src/routes/health-route.ts'
import { CERT, KEY } from '../packages/http/test/tls-key-pair.ts'
import { readDockerfile } from './dockerfile.ts'
import { FILES, ROOT, textOf } from './markdown.ts'

const manifest = JSON.parse(textOf('package.json')) as { readonly packageManager: string }

describe('the Dockerfile', () => {
  const { args, stages } = readDockerfile(textOf('Dockerfile'))
  const last = stages.at(-1)
  const restOf = (name: string) =>
    last?.instructions.filter((found) => found.name === name).map(({ rest }) => rest) ?? []
  /** A command without a shell around it is a JSON array. */
  const words = (name: string) => JSON.parse(restOf(name)[0]?.replace(/^.*?CMD (?=\[)/, '') ?? '') as string[]

  it('builds in one stage and ships another, both on one exact version of Node', () => {
    const [build, shipped] = stages.map(({ from }) => from)
    expect(build).toBe(`${shipped} AS build`)
    expect(shipped?.replaceAll(/[${}]/g, '')).toBe('node:NODE')
    expect(args).toEqual([{ name: 'ARG', rest: expect.stringMatching(/^NODE=\d+\.\d+\.\d+-[a-z]+-slim$/) as string }])
  })

  it('builds with the pnpm of the workspace', () => {
    const [exact = ''] = /^pnpm@[\d.]+/.exec(manifest.packageManager) ?? []
    expect(stages[0]?.instructions).toContainEqual({ name: 'RUN', rest: `npm install --global ${exact}` })
  })

  it('runs as a user by number who is not root, and nothing after that as root', () => {
    expect(restOf('USER')).toEqual([expect.stringMatching(/^[1-9]\d*:[1-9]\d*$/)])
  })

  it('runs nothing in the stage that is shipped, so that it needs no shell', () => {
    expect(restOf('RUN')).toEqual([])
  })

  it('starts node itself, which the signal to stop reaches', () => {
    expect(words('ENTRYPOINT')).toEqual(['node', '/app/dist/cli/main.js'])
    expect(words('CMD')).toEqual(['serve'])
    expect(restOf('STOPSIGNAL')).toEqual(['SIGTERM'])
  })

  it('asks whether the process answers', () => {
    expect(words('HEALTHCHECK')).toEqual(['node', '/app/container-health.mjs', 'live'])
  })

  it('sets nothing but names that the service knows, and no secret', () => {
    const settings = [
      ...restOf('ENV')
        .join(' ')
        .matchAll(/(\w+)=(\S+)/g),
    ].map(([, name = '', value = '']) => [name, value])
    expect(settings.map(([name]) => name)).toEqual(['NODE_ENV', 'LATCHKEY_HOST', 'LATCHKEY_PORT'])
    const environment = Object.fromEntries(settings.filter(([name]) => name?.startsWith('LATCHKEY_'))) as object
    const config = readConfig({ ...environment, LATCHKEY_ISSUER: 'https://auth.example.com' }, textOf)
    expect(restOf('EXPOSE')).toEqual([String(config.port)])
    expect(textOf('Dockerfile')).not.toMatch(/^(?:ENV|ARG) .*(?:SECRET|PASSWORD|_KEY)/m)
  })

  it('copies only what is there, and what the build is given', () => {
    const given = textOf('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
    expect(given[0], 'everything is left out that is not named').toBe('*')
    const named = given.filter((line) => line.startsWith('!')).map((line) => line.slice(1))
    for (const path of named) expect(FILES.some((file) => file === path || file.startsWith(path))).toBe(true)
    const copied = stages
      .flatMap(({ instructions }) => instructions)
      .filter(({ name, rest }) => name === 'COPY' && !rest.startsWith('--from=') && rest !== '. .')
      .flatMap(({ rest }) => rest.split(' ').slice(0, -1))
    expect(copied.length).toBeGreaterThan(0)
    for (const path of copied) expect(named).toContain(path)
  })

  it('is given every file that the build reads', () => {
    const named = textOf('.dockerignore').split('\n')
    const { references } = JSON.parse(textOf('tsconfig.build.json')) as { readonly references: { path: string }[] }
    expect(references.every(({ path }) => path.startsWith('packages/'))).toBe(true)
    expect(named).toEqual(expect.arrayContaining(['!packages/', '!tsconfig.base.json', '!tsconfig.build.json']))
  })
})

describe('docker-compose.yml', () => {
  interface Service {
    readonly image: string
    readonly build?: string
    readonly ports: readonly string[]
    readonly environment?: Record<string, string>
    readonly healthcheck: { readonly test: readonly string[] }
    readonly depends_on?: Record<string, { readonly condition: string }>
    readonly [other: string]: unknown
  }
  const { services } = parse(textOf('docker-compose.yml')) as { readonly services: Record<string, Service> }
  const latchkey = services['latchkey']

  it('has the service and its storage, each with a check of its health', () => {
    expect(Object.keys(services)).toEqual(['latchkey', 'postgres', 'redis'])
    for (const { healthcheck } of Object.values(services)) expect(healthcheck.test.length).toBeGreaterThan(1)
  })

  it('can be reached from this machine alone', () => {
    for (const { ports } of Object.values(services))
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:(\d+):\1$/)
  })

  it('starts the service once its storage answers', () => {
    const answering = { condition: 'service_healthy' }
    expect(latchkey?.depends_on).toEqual({ postgres: answering, redis: answering })
  })

  it('gives the service settings that it understands, with the addresses of the others', () => {
    const config = readConfig({ LATCHKEY_HOST: '0.0.0.0', ...latchkey?.environment }, textOf)
    for (const { storage } of [config.clientStorage, config.tokenStorage])
      expect(Object.keys(services)).toContain(new URL(storage).hostname)
    expect(`127.0.0.1:${new URL(config.issuer).port}:${config.port}`).toBe(latchkey?.ports[0])
  })

  it('lets the service change nothing and gain nothing', () => {
    expect(latchkey).toMatchObject({
      build: '.',
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    })
  })

  it('waits until the service can serve, by what the image brings', () => {
    expect(latchkey?.healthcheck.test).toEqual(['CMD', 'node', '/app/container-health.mjs', 'ready'])
  })

  it('keeps what Redis acknowledged', () => {
    expect(services['redis']?.['command']).toEqual(expect.arrayContaining(['--appendfsync', 'always']))
  })
})

describe('the health check of the container', () => {
  const open: (Server | TcpServer)[] = []
  afterEach(() => {
    for (const server of open.splice(0)) server.close()
  })

  async function listening(server: Server | TcpServer): Promise<string> {
    open.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return String((server.address() as AddressInfo).port)
  }

  const exitCodeOf = (environment: Record<string, string>, kind = 'live') =>
    new Promise<number | null>((resolve) => {
      const child = spawn(process.execPath, [join(ROOT, 'scripts/container-health.mjs'), kind], { env: environment })
      child.once('exit', resolve)
    })

  /** Alive, and not ready. */
  const answer: RequestListener = (request, response) => {
    response.writeHead(request.url === HEALTH_PATHS.live ? 200 : 503).end()
  }

  it('tells what the service says', async () => {
    const LATCHKEY_PORT = await listening(createHttpServer(answer))
    expect(await exitCodeOf({ LATCHKEY_PORT })).toBe(0)
    expect(await exitCodeOf({ LATCHKEY_PORT }, 'ready')).toBe(1)
  })

  it('asks over TLS where the service has a certificate', async () => {
    const LATCHKEY_PORT = await listening(createHttpsServer({ cert: CERT, key: KEY }, answer))
    expect(await exitCodeOf({ LATCHKEY_PORT, LATCHKEY_TLS_CERT: '/run/secrets/tls.crt' })).toBe(0)
    expect(await exitCodeOf({ LATCHKEY_PORT, LATCHKEY_TLS_CERT_FILE: '/run/secrets/tls' }, 'ready')).toBe(1)
    expect(await exitCodeOf({ LATCHKEY_PORT })).toBe(1)
  })

  it('fails where nobody listens, and where nobody answers', async () => {
    const silent = await listening(createTcpServer((socket) => socket.on('error', () => undefined)))
    const abandoned = createTcpServer()
    const LATCHKEY_PORT = await listening(abandoned)
    await new Promise((resolve) => abandoned.close(resolve))
    expect(await exitCodeOf({ LATCHKEY_PORT })).toBe(1)
    expect(await exitCodeOf({ LATCHKEY_PORT: silent })).toBe(1)
  })
})
