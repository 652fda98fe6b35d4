import { describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config/read-config.ts'
import { StartRefused } from '../../src/start-refused.ts'
import { CERT, KEY } from '../tls-key-pair.ts'

const FILES: Readonly<Record<string, string>> = {
  '/run/port': '5000\n',
  '/run/two-lines': '5000\n\n',
  '/run/audience': 'https://api.example.com\r\n',
  '/run/empty': '\n',
  '/run/cert.pem': CERT,
  '/run/key.pem': KEY,
}

function readFile(path: string): string {
  const content = FILES[path]
  if (content === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' })
  return content
}

/** 32 bytes in base64url. */
const MASTER_KEY = 'A'.repeat(43)

const read = (environment: Record<string, string>) => readConfig(environment, readFile)

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    read(environment)
  } catch (error) {
    if (error instanceof StartRefused) return error.problems
    throw error
  }
  throw new Error('it was accepted')
}

describe('readConfig', () => {
  it('needs nothing to serve this machine', () => {
    expect(read({})).toEqual({
      issuer: 'http://localhost:4000',
      host: '127.0.0.1',
      port: 4000,
      tls: undefined,
      trustedProxies: [],
      allowInsecureHttp: false,
      clientStorage: { setting: 'LATCHKEY_STORAGE', storage: 'memory:' },
      tokenStorage: { setting: 'LATCHKEY_STORAGE', storage: 'memory:' },
      autoMigrate: false,
      clientCacheTtl: undefined,
      clientsFile: undefined,
      accessTokenFormat: 'opaque',
      signing: {
        alg: undefined,
        otherAlgs: [],
        key: undefined,
        jwtSecret: undefined,
        masterKey: undefined,
        previousMasterKey: undefined,
        encryption: undefined,
      },
      statusList: false,
      statusListTtl: 60,
      accessTokenTtl: 3600,
      defaultAudience: 'http://localhost:4000',
      advertiseResources: true,
      generatedSecretsOnly: false,
      maxAssertionLifetime: 300,
      dpop: undefined,
      remoteDocuments: { extraCa: undefined, dangerouslyAllowPrivateAddresses: undefined },
      hooks: undefined,
      workers: 1,
      logLevel: 'info',
      corsOrigins: [],
    })
  })

  it('reads every setting', () => {
    expect(
      read({
        LATCHKEY_ISSUER: 'https://auth.example.com/tenant',
        LATCHKEY_HOST: '0.0.0.0',
        LATCHKEY_PORT: '8443',
        LATCHKEY_TRUSTED_PROXIES: '10.0.0.0/8, fd00::/8 ,192.0.2.1',
        LATCHKEY_ALLOW_INSECURE_HTTP: 'false',
        LATCHKEY_STORAGE: './one.js',
        LATCHKEY_TOKEN_STORAGE: 'memory:?tokens=5',
        LATCHKEY_AUTO_MIGRATE: 'true',
        LATCHKEY_CLIENT_CACHE_TTL: '0',
        LATCHKEY_CLIENTS_FILE: 'clients.json',
        LATCHKEY_ACCESS_TOKEN_FORMAT: 'jwt',
        LATCHKEY_ACCESS_TOKEN_TTL: '60',
        LATCHKEY_STATUS_LIST: 'true',
        LATCHKEY_STATUS_LIST_TTL: '30',
        LATCHKEY_SIGNING_ALG: 'EdDSA',
        LATCHKEY_SIGNING_KEY: '/run/key.pem',
        LATCHKEY_JWT_ENCRYPTION: 'A256KW+A128GCM',
        LATCHKEY_JWT_ENCRYPTION_KEY: MASTER_KEY,
        LATCHKEY_MASTER_KEY: MASTER_KEY,
        LATCHKEY_MASTER_KEY_PREVIOUS: `${'B'.repeat(42)}A`,
        LATCHKEY_MAX_ASSERTION_LIFETIME: '120',
        LATCHKEY_DPOP_NONCE_REQUIRED: 'true',
        LATCHKEY_DPOP_NONCE_SECRET: 'A'.repeat(43),
        LATCHKEY_DPOP_NONCE_SECRET_PREVIOUS: `${'B'.repeat(42)}A`,
        LATCHKEY_REMOTE_CA: CERT,
        LATCHKEY_DANGEROUSLY_ALLOW_PRIVATE_ADDRESSES: '10.96.0.1, fd00::/64',
        LATCHKEY_HOOKS: './hooks.js',
        LATCHKEY_DEFAULT_AUDIENCE: 'https://api.example.com',
        LATCHKEY_ADVERTISE_RESOURCES: 'false',
        LATCHKEY_GENERATED_SECRETS_ONLY: 'true',
        LATCHKEY_WORKERS: '4',
        LATCHKEY_LOG_LEVEL: 'warn',
        LATCHKEY_CORS_ORIGINS: 'https://a.example, http://localhost:3000',
      }),
    ).toEqual({
      issuer: 'https://auth.example.com/tenant',
      host: '0.0.0.0',
      port: 8443,
      tls: undefined,
      trustedProxies: ['10.0.0.0/8', 'fd00::/8', '192.0.2.1'],
      allowInsecureHttp: false,
      clientStorage: { setting: 'LATCHKEY_STORAGE', storage: './one.js' },
      tokenStorage: { setting: 'LATCHKEY_TOKEN_STORAGE', storage: 'memory:?tokens=5' },
      autoMigrate: true,
      clientCacheTtl: 0,
      clientsFile: 'clients.json',
      accessTokenFormat: 'jwt',
      signing: {
        alg: 'EdDSA',
        otherAlgs: [],
        key: KEY,
        jwtSecret: undefined,
        masterKey: MASTER_KEY,
        previousMasterKey: `${'B'.repeat(42)}A`,
        encryption: { alg: 'A256KW', enc: 'A128GCM', key: MASTER_KEY },
      },
      statusList: true,
      statusListTtl: 30,
      accessTokenTtl: 60,
      defaultAudience: 'https://api.example.com',
      advertiseResources: false,
      generatedSecretsOnly: true,
      maxAssertionLifetime: 120,
      dpop: {
        requireNonce: true,
        nonceSecret: 'A'.repeat(43),
        previousNonceSecret: `${'B'.repeat(42)}A`,
      },
      remoteDocuments: { extraCa: CERT, dangerouslyAllowPrivateAddresses: ['10.96.0.1', 'fd00::/64'] },
      hooks: './hooks.js',
      workers: 4,
      logLevel: 'warn',
      corsOrigins: ['https://a.example', 'http://localhost:3000'],
    })
  })

  it('takes an empty variable for one that is not set, known or not', () => {
    expect(read({ LATCHKEY_PORT: '', LATCHKEY_PORT_FILE: '', LATCHKEY_NONSENSE: '' }).port).toBe(4000)
  })

  it('leaves variables alone that are not its own', () => {
    expect(read({ PORT: '1', LATCHKEYPORT: '1', latchkey_port: '1' }).port).toBe(4000)
  })

  it('reports all problems together, each in a line with its name', () => {
    expect(
      problemsOf({
        LATCHKEY_ISSUER: 'http://auth.example.com',
        LATCHKEY_PORT: '70000',
        LATCHKEY_ALLOW_INSECURE_HTTP: 'yes',
        LATCHKEY_LOG_LEVEL: 'loud',
        LATCHKEY_TRUSTED_PROXIES: '10.0.0.0/33',
        LATCHKEY_CORS_ORIGINS: '*',
        LATCHKEY_ACCESS_TOKEN_TTL: '1h',
        LATCHKEY_TLS_CERT: '/run/cert.pem',
        LATCHKEY_ISUER: 'https://auth.example.com',
      }),
    ).toEqual([
      'LATCHKEY_ISUER is not a setting; did you mean LATCHKEY_ISSUER?',
      'LATCHKEY_ISSUER must be an https URL; http is allowed only for localhost, 127.0.0.0/8 and [::1]',
      'LATCHKEY_PORT must be a whole number from 0 to 65535',
      'LATCHKEY_TRUSTED_PROXIES "10.0.0.0/33" is neither an address nor a CIDR block such as 10.0.0.0/8',
      'LATCHKEY_ALLOW_INSECURE_HTTP must be true or false',
      'LATCHKEY_ACCESS_TOKEN_TTL must be a whole number from 1 to 315360000',
      'LATCHKEY_LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent',
      'LATCHKEY_CORS_ORIGINS "*" is no origin such as https://app.example.com',
      'LATCHKEY_TLS_CERT and LATCHKEY_TLS_KEY must be set together',
    ])
  })

  it.each(['LATCHKEY_X', 'LATCHKEY_', 'LATCHKEY_NONSENSE_FILE'])(
    'refuses %s, which no version knows or a later one will',
    (name) => {
      expect(problemsOf({ [name]: 'needle' })).toEqual([expect.stringMatching(`^${name} is not a setting(;|$)`)])
    },
  )

  it.each([
    ['LATCHKEY_ACCESS_TOKEN_TLL', 'LATCHKEY_ACCESS_TOKEN_TTL'],
    ['LATCHKEY_CLIENT_FILE', 'LATCHKEY_CLIENTS_FILE'],
    ['LATCHKEY_prot', 'LATCHKEY_PORT'],
  ])('names the nearest known name of %s', (written, meant) => {
    expect(problemsOf({ [written]: 'x' })).toEqual([`${written} is not a setting; did you mean ${meant}?`])
  })
})

describe('what documents of others are fetched by', () => {
  it('is a certificate, and addresses', () => {
    expect(problemsOf({ LATCHKEY_REMOTE_CA: '-----BEGIN CERTIFICATE-----\nneedle' })).toEqual([
      'LATCHKEY_REMOTE_CA does not begin with a certificate in PEM',
    ])
    expect(problemsOf({ LATCHKEY_DANGEROUSLY_ALLOW_PRIVATE_ADDRESSES: 'true' })).toEqual([
      'LATCHKEY_DANGEROUSLY_ALLOW_PRIVATE_ADDRESSES "true" is neither an address nor a CIDR block such as 10.0.0.0/8',
    ])
  })
})

describe('the longest life of an assertion', () => {
  it.each(['59', '3601', '5m'])('is one to sixty minutes, and not %s', (given) => {
    expect(problemsOf({ LATCHKEY_MAX_ASSERTION_LIFETIME: given })).toEqual([
      'LATCHKEY_MAX_ASSERTION_LIFETIME must be a whole number from 60 to 3600',
    ])
  })
})

describe('the nonces of DPoP', () => {
  it('are made with 32 bytes, and with those of before only beside new ones', () => {
    expect(problemsOf({ LATCHKEY_DPOP_NONCE_SECRET: 'short' })).toEqual([
      'LATCHKEY_DPOP_NONCE_SECRET must be 32 bytes in base64url: 43 characters',
    ])
    expect(problemsOf({ LATCHKEY_DPOP_NONCE_SECRET_PREVIOUS: 'A'.repeat(43) })).toEqual([
      'LATCHKEY_DPOP_NONCE_SECRET_PREVIOUS needs LATCHKEY_DPOP_NONCE_SECRET',
    ])
  })
})

describe('the workers', () => {
  it.each([
    ['1', 1],
    ['64', 64],
    ['auto', 'auto'],
  ])('may be %s', (given, workers) => {
    expect(read({ LATCHKEY_WORKERS: given }).workers).toBe(workers)
  })

  it.each(['0', '65', '-1', '1.5', '2 ', 'AUTO', 'all', '1e1'])('cannot be %j', (given) => {
    expect(problemsOf({ LATCHKEY_WORKERS: given })).toEqual([
      'LATCHKEY_WORKERS must be auto or a whole number from 1 to 64',
    ])
  })
})

describe('the issuer', () => {
  it('holds the port', () => {
    expect(read({ LATCHKEY_PORT: '4711' }).issuer).toBe('http://localhost:4711')
  })

  it.each(['localhost', '127.0.0.2', '::1'])('has a default on %s', (host) => {
    expect(read({ LATCHKEY_HOST: host }).issuer).toBe('http://localhost:4000')
  })

  it.each(['0.0.0.0', '::', '192.0.2.1', 'auth.internal'])('is required on %s, and the message names it', (host) => {
    expect(problemsOf({ LATCHKEY_HOST: host })).toEqual([expect.stringMatching(/^LATCHKEY_ISSUER is required/)])
  })

  it('is required where the port is not known before', () => {
    expect(problemsOf({ LATCHKEY_PORT: '0' })).toEqual([expect.stringMatching(/^LATCHKEY_ISSUER is required/)])
  })

  it.each(['https://h/*', 'https://h/a%20b', 'https://h/?', 'https://h#', 'auth.example.com', 'https://u:p@h'])(
    'cannot be %s',
    (issuer) => {
      expect(problemsOf({ LATCHKEY_ISSUER: issuer })).toEqual([expect.stringMatching(/^LATCHKEY_ISSUER must /)])
    },
  )
})

describe('a setting from a file', () => {
  it('is the content of the file, without one line break at its end', () => {
    const { port, defaultAudience } = read({
      LATCHKEY_PORT_FILE: '/run/port',
      LATCHKEY_DEFAULT_AUDIENCE_FILE: '/run/audience',
    })
    expect([port, defaultAudience]).toEqual([5000, 'https://api.example.com'])
    expect(problemsOf({ LATCHKEY_PORT_FILE: '/run/two-lines' })).toHaveLength(1)
  })

  it('cannot be set in both ways', () => {
    expect(problemsOf({ LATCHKEY_PORT: '1', LATCHKEY_PORT_FILE: '/run/port' })).toEqual([
      'LATCHKEY_PORT and LATCHKEY_PORT_FILE are both set; one of them is enough',
    ])
  })

  it('is named when it cannot be read or holds nothing', () => {
    expect(problemsOf({ LATCHKEY_PORT_FILE: '/run/none', LATCHKEY_STORAGE_FILE: '/run/empty' })).toEqual([
      'LATCHKEY_PORT_FILE: cannot read /run/none: there is no such file',
      'LATCHKEY_STORAGE_FILE: the file /run/empty is empty',
    ])
  })

  it('may name the clients file too', () => {
    expect(read({ LATCHKEY_CLIENTS_FILE_FILE: '/run/audience' }).clientsFile).toBe('https://api.example.com')
  })
})

describe('TLS', () => {
  it.each([
    ['paths', { LATCHKEY_TLS_CERT: '/run/cert.pem', LATCHKEY_TLS_KEY: '/run/key.pem' }],
    ['PEM', { LATCHKEY_TLS_CERT: CERT, LATCHKEY_TLS_KEY: KEY }],
    ['files of settings', { LATCHKEY_TLS_CERT_FILE: '/run/cert.pem', LATCHKEY_TLS_KEY_FILE: '/run/key.pem' }],
  ])('is set up by %s, and makes the default issuer https', (_way, environment) => {
    const { tls, issuer } = read(environment)
    expect(tls?.cert.trim()).toBe(CERT.trim())
    expect(tls?.key.trim()).toBe(KEY.trim())
    expect(issuer).toBe('https://localhost:4000')
  })

  it('contradicts an http issuer', () => {
    const environment = { LATCHKEY_TLS_CERT: CERT, LATCHKEY_TLS_KEY: KEY, LATCHKEY_ISSUER: 'http://localhost:4000' }
    expect(problemsOf(environment)).toEqual(['LATCHKEY_ISSUER must be https where LATCHKEY_TLS_CERT is set'])
  })

  it('is refused when the two do not belong together, without a word of the key', () => {
    const key = KEY.replace(/[A-Za-z0-9+/]{20}(?=\n)/, 'needleneedleneedlene')
    const problems = problemsOf({ LATCHKEY_TLS_CERT: CERT, LATCHKEY_TLS_KEY: key })
    expect(problems).toEqual([
      'LATCHKEY_TLS_CERT and LATCHKEY_TLS_KEY are not a certificate and its private key in PEM',
    ])
  })

  it('is set up by PEM that has words before it, which is taken for no path', () => {
    const words = 'Bag Attributes\n'
    const { tls } = read({ LATCHKEY_TLS_CERT: words + CERT, LATCHKEY_TLS_KEY: words + KEY })
    expect(tls?.key).toBe(words + KEY)
    const problems = problemsOf({ LATCHKEY_TLS_CERT: CERT, LATCHKEY_TLS_KEY: `${words}${KEY.slice(0, -40)}` })
    expect(problems.join('')).not.toContain('MIG')
  })

  it('is refused when a file is not there', () => {
    expect(problemsOf({ LATCHKEY_TLS_CERT: '/run/none', LATCHKEY_TLS_KEY: '/run/key.pem' })).toEqual([
      'LATCHKEY_TLS_CERT: cannot read /run/none: there is no such file',
    ])
  })
})

describe('the settings of signing', () => {
  it('take PEM and JSON as they are', () => {
    expect(read({ LATCHKEY_SIGNING_KEY: KEY }).signing.key).toBe(KEY)
    expect(read({ LATCHKEY_SIGNING_KEY: ' {"kty":"EC"}' }).signing.key).toBe(' {"kty":"EC"}')
  })

  it('take a shared secret with an algorithm for it', () => {
    const jwtSecret = 'x'.repeat(48)
    expect(read({ LATCHKEY_SIGNING_ALG: 'HS384', LATCHKEY_JWT_SECRET: jwtSecret }).signing).toMatchObject({
      alg: 'HS384',
      jwtSecret,
    })
  })

  it('take several algorithms, of which the first is the server’s own', () => {
    expect(read({ LATCHKEY_SIGNING_ALG: 'ES256, RS256,EdDSA' }).signing).toMatchObject({
      alg: 'ES256',
      otherAlgs: ['RS256', 'EdDSA'],
    })
  })

  it.each([
    [{ LATCHKEY_SIGNING_ALG: 'ES256,none' }, /^LATCHKEY_SIGNING_ALG must be one of ES256, .*, HS512$/],
    [{ LATCHKEY_SIGNING_ALG: 'ES256,HS256' }, /^LATCHKEY_SIGNING_ALG must be one of ES256, .*, HS512$/],
    [{ LATCHKEY_SIGNING_ALG: 'ES256,ES256' }, 'LATCHKEY_SIGNING_ALG must name each algorithm once'],
    [
      { LATCHKEY_SIGNING_ALG: 'ES256,RS256', LATCHKEY_SIGNING_KEY: KEY },
      'LATCHKEY_SIGNING_ALG must be one algorithm where LATCHKEY_SIGNING_KEY is set: each of its keys has its own',
    ],
    [{ LATCHKEY_ACCESS_TOKEN_FORMAT: 'JWT' }, 'LATCHKEY_ACCESS_TOKEN_FORMAT must be one of opaque, jwt'],
    [{ LATCHKEY_SIGNING_ALG: 'none' }, /^LATCHKEY_SIGNING_ALG must be one of ES256, .*, HS512$/],
    [{ LATCHKEY_SIGNING_ALG: 'HS256' }, 'LATCHKEY_SIGNING_ALG: HS256 needs LATCHKEY_JWT_SECRET'],
    [{ LATCHKEY_JWT_SECRET: 'needle' }, 'LATCHKEY_JWT_SECRET needs LATCHKEY_SIGNING_ALG to be HS256, HS384 or HS512'],
    [
      { LATCHKEY_JWT_SECRET: 'needle', LATCHKEY_SIGNING_ALG: 'HS256', LATCHKEY_SIGNING_KEY: KEY },
      'LATCHKEY_JWT_SECRET and LATCHKEY_SIGNING_KEY must not both be set',
    ],
    [{ LATCHKEY_SIGNING_KEY: '/run/none' }, 'LATCHKEY_SIGNING_KEY: cannot read /run/none: there is no such file'],
    [{ LATCHKEY_MASTER_KEY: 'needle' }, 'LATCHKEY_MASTER_KEY must be 32 bytes in base64url: 43 characters'],
    [
      { LATCHKEY_MASTER_KEY_PREVIOUS: MASTER_KEY },
      'LATCHKEY_MASTER_KEY_PREVIOUS needs LATCHKEY_MASTER_KEY: a new key is never encrypted with the one of before',
    ],
    [{ LATCHKEY_JWT_ENCRYPTION: 'PBES2-HS256+A128KW' }, /^LATCHKEY_JWT_ENCRYPTION must be one of dir\+A128GCM, /],
    [
      { LATCHKEY_JWT_ENCRYPTION: 'dir+A256GCM' },
      'LATCHKEY_JWT_ENCRYPTION and LATCHKEY_JWT_ENCRYPTION_KEY must be set together',
    ],
  ])('are refused by name, and no secret is repeated: %j', (environment, problem) => {
    const problems = problemsOf(environment as Record<string, string>)
    expect(problems).toEqual([typeof problem === 'string' ? problem : expect.stringMatching(problem)])
    expect(problems.join()).not.toContain('needle')
  })
})
