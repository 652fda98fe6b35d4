import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { compactDecrypt, createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'
import { StartRefused } from '../src/start-refused.ts'
import { startedService } from './started-service.ts'
import { basic, FORM } from './test-server.ts'

const SALES = 'https://sales.example.com'
const STOCK = 'https://stock.example.com'
const SECRET = 'a secret that a person chose'

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

const FILE = JSON.stringify({
  clients: { reports: { client_secret: SECRET, scope: 'read', resources: [SALES, STOCK] } },
  resources: {
    [SALES]: {
      scope: 'read',
      access_token_format: 'jwt',
      access_token_signing_alg: 'RS256',
      access_token_encryption: { alg: 'RSA-OAEP-256', enc: 'A256GCM', key: publicKey.export({ format: 'jwk' }) },
    },
    [STOCK]: { scope: 'read', access_token_format: 'jwt' },
  },
})

const readFile = (path: string): string => (path === '/clients.json' ? FILE : readFileSync(path, 'utf8'))

const start = async (environment: Record<string, string>, deps: Parameters<typeof startedService>[1] = {}) => {
  const started = await startedService(environment, { readFile, ...deps })
  onTestFinished(() => started.service.close())
  return started
}

const problemsOf = (starting: Promise<unknown>): Promise<unknown> =>
  starting.then(
    () => 'it started',
    (error: unknown) => (error instanceof StartRefused ? error.problems : error),
  )

describe('a resource that names an algorithm', () => {
  it('gets tokens that are signed by it, and encrypted to its key, beside those of others', async () => {
    const { port } = await start({ LATCHKEY_CLIENTS_FILE: '/clients.json', LATCHKEY_SIGNING_ALG: 'ES256,RS256' })
    const url = `http://127.0.0.1:${port}`
    const tokenFor = async (resource: string): Promise<string> => {
      const response = await fetch(`${url}/oauth2/token`, {
        method: 'POST',
        headers: { authorization: basic('reports', SECRET), 'content-type': FORM },
        body: new URLSearchParams({ grant_type: 'client_credentials', resource }).toString(),
      })
      expect(response.status).toBe(200)
      return ((await response.json()) as { access_token: string }).access_token
    }
    const keys = createRemoteJWKSet(new URL(`${url}/.well-known/jwks.json`))
    const { plaintext } = await compactDecrypt(await tokenFor(SALES), privateKey)
    const { payload, protectedHeader } = await jwtVerify(plaintext, keys, { audience: SALES, typ: 'at+jwt' })
    expect([payload.sub, protectedHeader.alg]).toEqual(['reports', 'RS256'])
    expect(decodeProtectedHeader(await tokenFor(STOCK))).toMatchObject({ alg: 'ES256' })
  })

  it('stands by name in the way of a start where the file names one of which there is no key', async () => {
    const environment = { LATCHKEY_CLIENTS_FILE: '/clients.json' }
    const problem = (signs: string) => [
      `LATCHKEY_CLIENTS_FILE: /clients.json: resource "${SALES}": access_token_signing_alg is RS256, and this service signs with ${signs}; LATCHKEY_SIGNING_ALG may name several`,
    ]
    expect(await problemsOf(start(environment))).toEqual(problem('ES256'))
    expect(await problemsOf(start({ ...environment, LATCHKEY_SIGNING_ALG: 'EdDSA,PS256' }))).toEqual(
      problem('EdDSA, PS256'),
    )
    const secret = { LATCHKEY_SIGNING_ALG: 'HS256', LATCHKEY_JWT_SECRET: 'x'.repeat(32) }
    expect(await problemsOf(start({ ...environment, ...secret }))).toEqual(problem('no key pair'))
  })

  it('is warned of where somebody registered it otherwise, and the service starts', async () => {
    const { logged } = await start(
      {},
      {
        async prepare({ resources }) {
          await resources?.add({
            identifier: SALES,
            scopes: [],
            accessTokenFormat: 'jwt',
            accessTokenSigningAlg: 'RS256',
            version: 1,
          })
        },
      },
    )
    const warnings = logged.map((line) => JSON.parse(line) as { readonly msg?: string }).map(({ msg }) => msg)
    expect(warnings).toContain(
      `resource "${SALES}": access_token_signing_alg is RS256, and this service signs with ES256; LATCHKEY_SIGNING_ALG may name several`,
    )
  })
})
