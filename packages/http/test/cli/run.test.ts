import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { PassThrough } from 'node:stream'
import { generateSecret, hashSecret } from '@latchkey/core'
import { describe, expect, it } from 'vitest'
import type { Io } from '../../src/cli/io.ts'
import { run } from '../../src/cli/run.ts'
import { SETTING_NAMES } from '../../src/config/settings.ts'
import { latchkey } from './latchkey.ts'

describe('latchkey', () => {
  it('lists its commands', async () => {
    const { code, out, err } = await latchkey(['--help'])
    expect([code, err]).toEqual([0, ''])
    for (const name of ['serve', 'client', 'hash-secret', 'migrate', 'sweep', 'doctor'])
      expect(out).toMatch(new RegExp(`^  ${name}\\b`, 'm'))
  })

  it('tells its version', async () => {
    expect(await latchkey(['--version'])).toEqual({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: '' })
  })

  it('documents each setting in the help of serve', async () => {
    const { code, out } = await latchkey(['serve', '--help'])
    expect(code).toBe(0)
    for (const name of SETTING_NAMES) expect(out).toContain(`${name}=<`)
    expect(out).toContain('--demo')
  })

  it.each([[[]], [['nonsense']], [['serve', '--nonsense']], [['serve', 'nonsense']], [['hash-secret', 'a-secret']]])(
    'answers the wrong call %j with exit code 2 and a word on the error output',
    async (argv) => {
      const { code, out, err } = await latchkey(argv)
      expect([code, out]).toEqual([2, ''])
      expect(err).not.toBe('')
      expect(err).not.toMatch(/\n +at /)
    },
  )

  it('refuses wrong settings with exit code 1 and a line for each problem', async () => {
    expect(await latchkey(['serve'], { environment: { LATCHKEY_PORT: 'x', LATCHKEY_PROT: '1' } })).toEqual({
      code: 1,
      out: '',
      err:
        'latchkey: LATCHKEY_PROT is not a setting; did you mean LATCHKEY_PORT?\n' +
        'latchkey: LATCHKEY_PORT must be a whole number from 0 to 65535\n',
    })
  })

  it.each([
    [
      'a port in use',
      async (port: number) => ({ LATCHKEY_PORT: String(port) }),
      /^latchkey: LATCHKEY_PORT: port \d+ of 127\.0\.0\.1 is in use\n$/,
    ],
    [
      'an address that is not here',
      async () => ({ LATCHKEY_HOST: '203.0.113.1', LATCHKEY_ISSUER: 'https://h' }),
      /^latchkey: LATCHKEY_HOST: 203\.0\.113\.1 is no address of this machine\n$/,
    ],
    [
      'a name that is nobody’s',
      async () => ({ LATCHKEY_HOST: 'nobody.invalid', LATCHKEY_ISSUER: 'https://h' }),
      /^latchkey: LATCHKEY_HOST: .*nobody\.invalid.*\n$/,
    ],
    [
      'a clients file that is not there',
      async () => ({ LATCHKEY_CLIENTS_FILE: '/nowhere/clients.json' }),
      /^latchkey: LATCHKEY_CLIENTS_FILE: cannot read \/nowhere\/clients\.json: there is no such file\n$/,
    ],
    [
      'a storage that is not there',
      async () => ({ LATCHKEY_STORAGE: './nowhere.js' }),
      /^latchkey: LATCHKEY_STORAGE: .*nowhere\.js.*\n$/,
    ],
  ])('refuses %s in one line, with exit code 1', async (_what, environmentOf, expected) => {
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as AddressInfo
    const { code, out, err } = await latchkey(['serve', '--demo'], { environment: await environmentOf(port) })
    taken.close()
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(expected)
  })
})

describe('latchkey hash-secret', () => {
  it('prints the hash of a generated secret, which is the same every time', async () => {
    const { secret } = generateSecret()
    const hashed = await latchkey(['hash-secret'], { input: `${secret}\n` })
    expect(hashed).toEqual({ code: 0, out: `${await hashSecret(secret)}\n`, err: '' })
  })

  it('prints JSON when it is asked to', async () => {
    const { secret, hash } = generateSecret()
    const { code, out } = await latchkey(['hash-secret', '--json'], { input: secret })
    expect([code, JSON.parse(out)]).toEqual([0, { client_secret_hash: hash }])
  })

  it('prints a slow hash of any other secret', async () => {
    const { code, out } = await latchkey(['hash-secret'], { input: 'TopSecretClientSecret' })
    expect([code, out]).toEqual([0, expect.stringMatching(/^\$scrypt\$ln=15,r=8,p=3\$[^$]+\$[^$]+\n$/)])
  })

  it.each([
    ['nothing', ''],
    ['a line break', '\n'],
    ['what no client could send', 'two\nlines\n'],
  ])('refuses %s', async (_what, input) => {
    const { code, out, err } = await latchkey(['hash-secret'], { input })
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(/^latchkey: .+\n$/)
  })

  it('asks at a terminal and shows nothing of what is typed', async () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true as const, setRawMode: () => terminal })
    let out = ''
    let err = ''
    const running = run(['hash-secret'], {
      environment: {},
      directory: '/',
      stdin: terminal as unknown as Io['stdin'],
      stdout: { write: (text) => (out += text) },
      stderr: { write: (text) => (err += text) },
    })
    const { secret } = generateSecret()
    terminal.write(`${secret}x`)
    terminal.write('\u007f\r')
    expect(await running).toBe(0)
    expect([out, err]).toEqual([`${await hashSecret(secret)}\n`, 'Secret: \n'])
  })
})
