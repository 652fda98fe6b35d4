import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type JudgedService, startJudgedService } from './judged-service.ts'

const execute = promisify(execFile)
let service: JudgedService

beforeAll(async () => {
  service = await startJudgedService()
})

afterAll(() => service.close())

const curl = async (...args: readonly string[]): Promise<string> =>
  (await execute('curl', ['--silent', '--show-error', '--fail-with-body', ...args])).stdout

describe('curl', () => {
  it('discovers, gets a token, has it introspected, and revokes it', async () => {
    const metadata = JSON.parse(await curl(`${service.issuer}/.well-known/oauth-authorization-server`)) as Record<
      string,
      string
    >
    const { token_endpoint = '', introspection_endpoint = '', revocation_endpoint = '' } = metadata
    for (const { id, secret } of service.clients) {
      const as = ['-u', `${id}:${secret}`]
      const { access_token } = JSON.parse(
        await curl(...as, '-d', 'grant_type=client_credentials', '-d', 'scope=read', token_endpoint),
      ) as { access_token: string }
      const introspect = async () =>
        JSON.parse(await curl(...as, '-d', `token=${access_token}`, introspection_endpoint))
      expect(await introspect()).toMatchObject({ active: true, client_id: id, scope: 'read' })
      expect(await curl(...as, '-d', `token=${access_token}`, revocation_endpoint)).toBe('')
      expect(await introspect()).toEqual({ active: false })
    }
  })

  it('gets its answer when it sends far too much, by length or in chunks', async () => {
    for (const chunked of [[], ['-H', 'Transfer-Encoding: chunked']]) {
      const { stdout } = await promisify(execFile)('sh', [
        '-c',
        'head -c 5000000 /dev/zero | curl --silent --max-time 10 --data-binary @- -w "%{http_code}" "$@"',
        'sh',
        ...chunked,
        `${service.issuer}/oauth2/token`,
      ])
      expect(stdout).toMatch(/"error":"invalid_request".*413$/)
    }
  })
})
