import { exec } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { misplaceSecrets } from '../log/misplaced-secrets.ts'
import { foundIn } from '../log/secret-forms.ts'
import { lines, talk } from '../raw-connection.ts'
import { FORM } from '../test-server.ts'
import { buildCli, freePort, type Running, startCli } from './built-cli.ts'

beforeAll(() => buildCli(), 120_000)

const running: Running[] = []

afterEach(() => {
  for (const { child } of running.splice(0)) child.kill('SIGKILL')
})

function start(argv: readonly string[], settings: Record<string, string> = {}): Running {
  const process = startCli(argv, settings)
  running.push(process)
  return process
}

const demo = async (settings: Record<string, string> = {}) => {
  const port = await freePort()
  const process = start(['serve', '--demo'], { LATCHKEY_PORT: String(port), ...settings })
  const [command] = await process.until(/^curl .*$/m)
  return { ...process, port, command }
}

describe('the process of latchkey serve', { timeout: 30_000 }, () => {
  it('prints a command that gets a token as it is pasted, and logs JSON where no person looks', async () => {
    const { command, output, until } = await demo()
    const { stdout } = await promisify(exec)(`${command} --silent`)
    const { access_token } = JSON.parse(stdout) as { access_token: string }
    expect(access_token).toMatch(/^lk_at_/)
    await until(/"event":"token_issued"/)
    const plain = output.out.split('\n').filter((line) => line !== '' && !line.startsWith('{'))
    expect(plain).toEqual([
      expect.stringMatching(/^client_id +demo$/),
      expect.stringMatching(/^client_secret +lk_s_/),
      'Get a token:',
      command,
    ])
    expect(command).not.toMatch(/['"\\$&|;<>]/)
    expect(output.err).toBe('')
  })

  it('says what it is, and warns of what must not go into production', async () => {
    const { output, port, until } = await demo()
    // The log has a stream of its own, which may come after what is printed for people.
    await until(/^\{.*TOKENS .* FORGOTTEN.*\}$/m)
    const logged = output.out.split('\n').filter((line) => line.startsWith('{'))
    const [started, ...warnings] = logged.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(started).toMatchObject({
      level: 'info',
      event: 'started',
      issuer: `http://localhost:${port}`,
      address: `http://127.0.0.1:${port}`,
      clientStorage: 'memory:',
      tokenStorage: 'memory:',
      tokenEndpoint: `http://localhost:${port}/oauth2/token`,
    })
    expect(warnings.map(({ level }) => level)).toEqual(['warn', 'warn', 'warn'])
    expect(warnings.map(({ msg }) => String(msg)).join()).toMatch(
      /DEVELOPMENT.*CLIENTS ARE FORGOTTEN.*TOKENS .* FORGOTTEN/,
    )
  })

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends on %s when what is under way is done, with exit code 0',
    async (signal) => {
      const { child, ended, port, output, until } = await demo()
      // A secret that is none of the generated ones takes a slow hash: it is under way when the signal comes.
      const body = 'grant_type=client_credentials&client_id=demo&client_secret=wrong'
      const fields = ['Host: localhost', `Content-Type: ${FORM}`]
      const underWay = talk(port, lines('POST /oauth2/token HTTP/1.1', fields, body))
      await new Promise((resolve) => setTimeout(resolve, 50))
      child.kill(signal)
      expect((await underWay).status).toBe(401)
      expect(await ended).toBe(0)
      await until(/"event":"stopped"/).catch(() => undefined)
      expect(output.out).toMatch(/"event":"stopping","signal":"SIG[A-Z]+"[\s\S]*"event":"stopped"/)
      expect(output.err).toBe('')
    },
  )

  it('ends with exit code 1 and one line when its port is taken', async () => {
    const { port } = await demo()
    const second = start(['serve'], { LATCHKEY_PORT: String(port) })
    expect(await second.ended).toBe(1)
    expect(second.output).toEqual({ out: '', err: `latchkey: LATCHKEY_PORT: port ${port} of 127.0.0.1 is in use\n` })
  })

  it('ends with exit code 1 on a problem, and 2 on a wrong call', async () => {
    const wrong = start(['serve'], { LATCHKEY_NONSENSE: 'x' })
    expect(await wrong.ended).toBe(1)
    expect(wrong.output).toEqual({ out: '', err: 'latchkey: LATCHKEY_NONSENSE is not a setting\n' })
    const call = start(['nonsense'])
    expect(await call.ended).toBe(2)
  })

  it('ends quietly, and not well, when nobody reads what it says', async () => {
    const deaf = start(['serve', '--help'])
    deaf.child.stdout.destroy()
    expect(await deaf.ended).toBe(1)
    expect(deaf.output.err).toBe('')
  })

  it('writes no secret and no token to either output at level trace', async () => {
    const { port, command, output, child, ended } = await demo({ LATCHKEY_LOG_LEVEL: 'trace' })
    const { stdout } = await promisify(exec)(`${command} --silent`)
    const { access_token: token } = JSON.parse(stdout) as { access_token: string }
    const secret = /demo:(\S+)/.exec(command)?.[1] ?? ''
    const introduction = output.out.length
    expect(await misplaceSecrets(port, { clientId: 'demo', secret, token })).toBeGreaterThan(150)
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    const written = output.out.slice(introduction) + output.err
    expect(written).toContain('"level":"debug"')
    expect(foundIn(written, [secret, token, btoa(`demo:${secret}`)])).toEqual([])
  })
})
