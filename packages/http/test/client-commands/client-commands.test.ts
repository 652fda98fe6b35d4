import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addClient, createSecretSeal, defineClient, generateSecret, systemClock } from '@latchkey/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type KeptStorage, keep, latchkey, type Surroundings } from '../cli/latchkey.ts'

let storage: KeptStorage
let directory: string
beforeEach(async () => {
  storage = await keep()
  directory = await mkdtemp(join(tmpdir(), 'latchkey-keys-'))
})
afterEach(async () => {
  await storage.end()
  await rm(directory, { recursive: true })
})

const { publicKey: PUBLIC_KEY } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const KEY = PUBLIC_KEY.export({ format: 'jwk' })

const client = (words: string, more: Surroundings = {}) =>
  latchkey(['client', ...words.split(' ')], { environment: storage.environment, directory, ...more })

/** The document that a command prints; it must have gone well, without a word beside. */
async function documentOf(words: string, more: Surroundings = {}) {
  const { code, out, err } = await client(`${words} --json`, more)
  expect([code, err]).toEqual([0, ''])
  return JSON.parse(out) as Record<string, unknown> & { readonly credentials: readonly Record<string, unknown>[] }
}

const stored = async (id = 'reports') => storage.adapter.clients?.find(id)

const SECRET = /^lk_s_[A-Za-z0-9]{12}_[A-Za-z0-9]{43}_[A-Za-z0-9]{6}$/

describe('latchkey client add', () => {
  it('prints the id and the secret once, to the standard output alone, and keeps the hash', async () => {
    const { code, out, err } = await client('add reports --scope sales:read --scope sales:refund')
    expect(code).toBe(0)
    const [, secret = ''] = /^client_id +reports\nclient_secret +(\S+)\n$/.exec(out) ?? []
    expect(secret).toMatch(SECRET)
    expect(err).not.toContain(secret)
    const client_ = await stored()
    expect(client_?.scopes).toEqual([
      { name: 'sales:read', enabled: true },
      { name: 'sales:refund', enabled: true },
    ])
    expect(JSON.stringify(client_)).not.toContain(secret)
    expect((await client('show reports')).out).not.toContain(secret)
    expect(await documentOf('show reports')).not.toHaveProperty('client_secret')
  })

  it('prints a document in the words of RFC 7591', async () => {
    const document = await documentOf('add reports --scope sales:read')
    expect(document).toEqual({
      client_id: 'reports',
      client_secret: expect.stringMatching(SECRET),
      client_secret_expires_at: 0,
      enabled: true,
      scope: 'sales:read',
      scopes: { 'sales:read': true },
      scope_policy: 'strict',
      grant_types: ['client_credentials'],
      introspect: 'own',
      resource_server_for: [],
      credentials: [{ id: expect.stringMatching(/^[A-Za-z0-9]{12}$/), kind: 'secret', generated: true, live: true }],
      tokens_valid_from: expect.any(Number),
      version: 1,
    })
  })

  it('takes an inner address that the operator allows', async () => {
    const allowed = { LATCHKEY_DANGEROUSLY_ALLOW_PRIVATE_ADDRESSES: '10.96.0.0/16' }
    const environment = { ...storage.environment, ...allowed }
    const { credentials } = await documentOf('add reports --jwks-uri https://10.96.0.1/keys', { environment })
    expect(credentials).toMatchObject([{ jwks_uri: 'https://10.96.0.1/keys' }])
  })

  it('takes no key that anybody could find out', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
    await writeFile(join(directory, 'weak.pem'), publicKey.export({ format: 'pem', type: 'spki' }))
    const { code, err } = await client('add reports --jwks weak.pem')
    expect([code, err]).toEqual([2, expect.stringMatching(/jwks.*2048/)])
    expect(await stored()).toBeUndefined()
  })

  it.each([
    ['--jwks keys.json', { kind: 'jwks', jwks: { keys: [{ ...KEY, kid: 'one' }] } }],
    ['--jwks key.json', { kind: 'jwks', jwks: { keys: [KEY] } }],
    ['--jwks key.pem', { kind: 'jwks', jwks: { keys: [KEY] } }],
    ['--jwks-uri https://keys.example/jwks', { kind: 'jwks_uri', jwks_uri: 'https://keys.example/jwks' }],
    ['--tls-client-auth-subject-dn CN=a', { kind: 'tls_client_auth', tls_client_auth_subject_dn: 'CN=a' }],
    ['--tls-client-auth-san-dns a.example', { kind: 'tls_client_auth', tls_client_auth_san_dns: 'a.example' }],
    ['--tls-client-auth-san-uri spiffe://a/b', { kind: 'tls_client_auth', tls_client_auth_san_uri: 'spiffe://a/b' }],
    ['--tls-client-auth-san-ip ::1', { kind: 'tls_client_auth', tls_client_auth_san_ip: '::1' }],
    ['--tls-client-auth-san-email a@b.example', { kind: 'tls_client_auth', tls_client_auth_san_email: 'a@b.example' }],
    [
      '--trusted-issuer {"issuer":"https://issuer.example","subject":"a:*","audience":"b"}',
      {
        kind: 'trusted_issuer',
        trusted_issuer: {
          issuer: 'https://issuer.example',
          subject: 'a:*',
          audience: 'b',
          max_lifetime: 3600,
          single_use: false,
        },
      },
    ],
  ])('registers a client that has no secret: %s', async (words, credential) => {
    await writeFile(
      join(directory, 'keys.json'),
      JSON.stringify({ keys: [{ ...KEY, kid: 'one', key_ops: ['verify'] }] }),
    )
    await writeFile(join(directory, 'key.json'), JSON.stringify(KEY))
    await writeFile(join(directory, 'key.pem'), PUBLIC_KEY.export({ format: 'pem', type: 'spki' }))
    const document = await documentOf(`add reports ${words} --label first --expires-in 90d`)
    expect(document.credentials).toEqual([
      {
        ...credential,
        id: expect.stringMatching(/^[A-Za-z0-9]{12}$/),
        label: 'first',
        live: true,
        expires_at: expect.any(Number),
      },
    ])
    expect(document).not.toHaveProperty('client_secret')
    expect(document).not.toHaveProperty('client_secret_expires_at')
    const { out, err } = await client(`credential add reports ${words}`)
    expect(out).toMatch(/^client_id +reports\ncredential_id +[A-Za-z0-9]{12}\n$/)
    expect(err).not.toMatch(/secret/)
    expect((await client('credential list reports')).out.split('\n')).toHaveLength(4)
  })

  it('keeps a certificate that a client signed itself with its key', async () => {
    const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=a']
    const certificate = execFileSync('openssl', [...made, '-keyout', '/dev/null'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    await writeFile(join(directory, 'certificate.pem'), certificate)
    const { credentials } = await documentOf('add reports --jwks certificate.pem')
    const { raw, publicKey } = new X509Certificate(certificate)
    expect(credentials).toMatchObject([
      { kind: 'jwks', jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), x5c: [raw.toString('base64')] }] } },
    ])
  })

  it('takes no private key, and repeats nothing of it', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const { d = '' } = privateKey.export({ format: 'jwk' })
    await writeFile(join(directory, 'private.pem'), privateKey.export({ format: 'pem', type: 'pkcs8' }))
    await writeFile(join(directory, 'private.json'), JSON.stringify(privateKey.export({ format: 'jwk' })))
    for (const file of ['private.pem', 'private.json']) {
      const { code, out, err } = await client(`add reports --jwks ${file}`)
      expect(code).toBe(2)
      expect(err).toMatch(/public half alone/)
      expect(out + err).not.toContain(d)
    }
  })

  it('takes every member that a client may have', async () => {
    const words =
      'add reports --name Nightly --scope a --scope b --disabled-scope c --default-scope a --scope-policy reduce ' +
      '--token-ttl 60 --introspect any --resource-server-for https://api.example --auth-method client_secret_post ' +
      '--legacy-assertion-audience --certificate-bound-tokens ' +
      '--token-format jwt --claims {"tier":1} ' +
      '--disabled --label first --not-before 2030-01-01 --expires-at 2030-06-01T00:00:00Z'
    const document = await documentOf(words)
    expect(document).toMatchObject({
      client_name: 'Nightly',
      enabled: false,
      scope: 'a b',
      scopes: { a: true, b: true, c: false },
      default_scopes: ['a'],
      scope_policy: 'reduce',
      access_token_ttl: 60,
      access_token_format: 'jwt',
      legacy_assertion_audience: true,
      tls_client_certificate_bound_access_tokens: true,
      claims: { tier: 1 },
      introspect: 'any',
      resource_server_for: ['https://api.example'],
      token_endpoint_auth_method: 'client_secret_post',
      client_secret_expires_at: 1_906_502_400,
      credentials: [{ label: 'first', not_before: 1_893_456_000, expires_at: 1_906_502_400, live: false }],
    })
  })

  it('takes a chosen secret from the standard input, and never shows it', async () => {
    const { code, out, err } = await client('add reports --secret-stdin', { input: 'TopSecretClientSecret\n' })
    expect([code, out]).toEqual([0, 'client_id  reports\n'])
    expect(err).not.toContain('TopSecret')
    expect((await stored())?.credentials).toEqual([
      { kind: 'secret', id: expect.stringMatching(/^[A-Za-z0-9]{12}$/), hash: expect.stringMatching(/^\$scrypt\$/) },
    ])
  })

  it('takes a hash, of a generated secret under the name that it has', async () => {
    const { hash, credentialId } = generateSecret()
    await documentOf(`add reports --secret-hash ${hash}`)
    expect((await stored())?.credentials).toEqual([{ kind: 'secret', id: credentialId, hash }])
  })

  it('refuses an id that is taken, and leaves the client alone', async () => {
    await client('add reports --scope a')
    const before = await stored()
    const { code, out, err } = await client('add reports --scope b')
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(/^latchkey: there is a client "reports" already; .+\n$/)
    expect(await stored()).toEqual(before)
  })

  it('lets one of two at once win', async () => {
    const codes = await Promise.all(Array.from({ length: 5 }, async () => (await client('add reports')).code))
    expect(codes.filter((code) => code === 0)).toHaveLength(1)
  })

  it('says what is missing where there is nobody to ask', async () => {
    const { code, out, err } = await client('add')
    expect([code, out]).toEqual([2, ''])
    expect(err).toBe(
      'latchkey: <id> is missing, and there is nobody to ask for it: latchkey client add <id> --scope <scope>\n',
    )
  })

  it('asks at a terminal for what is missing', async () => {
    const { code, out, err } = await client('add', { terminal: true, input: 'reports\nsales:read sales:refund\n' })
    expect(code).toBe(0)
    expect(out).toMatch(/^client_id +reports\nclient_secret +lk_s_/)
    expect(err).toMatch(/^Client id: Scopes, with spaces between them: /)
    expect((await stored())?.scopes.map(({ name }) => name)).toEqual(['sales:read', 'sales:refund'])
  })

  it.each([
    ['add rep%orts', /id must match/],
    ['add reports --scope a"b', /a scope must be one word/],
    ['add reports --scope a --disabled-scope a', /"a" is given by --scope and by --disabled-scope/],
    ['add reports --default-scope a', /default scope "a" is not among its scopes/],
    ['add reports --auth-method none', /there are no public clients/],
    ['add reports --auth-method nonsense', /token_endpoint_auth_method must be one of/],
    [
      'add reports --auth-method private_key_jwt',
      /works with jwks or jwks_uri or trusted_issuer, and this would be secret/,
    ],
    ['add reports --auth-method tls_client_auth --jwks-uri https://a.example/', /works with tls_client_auth, and/],
    ['add reports --auth-signing-alg none', /token_endpoint_auth_signing_alg must be one of/],
    ['add reports --jwks nowhere.json', /the file "nowhere.json" cannot be read/],
    ['add reports --jwks-uri http://a.example/', /uri must be an absolute https URL/],
    ['add reports --jwks-uri https://10.0.0.1/keys', /jwks_uri: 10\.0\.0\.1 is not an address of the public network/],
    ['add reports --jwks-uri https://a.example/ --tls-client-auth-san-dns a', /a command adds one credential/],
    ['add reports --jwks-uri https://a.example/ --secret-stdin', /cannot be used with/],
    ['add reports --trusted-issuer {}', /issuer must be an https URL/],
    ['add reports --scope-policy lax', /Allowed choices are strict, reduce/],
    ['add reports --claims {broken', /It is no JSON/],
    ['add reports --claims 3', /claims must be/],
    ['add reports --token-ttl 0', /whole number of seconds/],
    ['add reports --secret-hash $scrypt$needle', /hash must be one that Latchkey made/],
    ['add reports --secret-stdin --secret-hash x', /cannot be used with/],
    ['add reports --expires-at soon', /2030-01-31T00:00:00Z/],
    ['add reports --expires-at 1900000000000', /seconds since 1970/],
    ['add reports --expires-at 2001-01-01', /would never count/],
    ['add reports --expires-at 2031-01-01 --not-before 2032-01-01', /would never count/],
    ['add reports --expires-in 3', /such as 7d/],
    ['add reports --secret needle', /unknown option '--secret'/],
    ['add reports needle', /too many arguments/],
    ['update reports', /nothing is given/],
    ['update reports --unset id', /--unset takes one of/],
    ['update reports --unset client_name --name x', /client_name is both given and unset/],
    ['update reports --add-scope a --scope b', /cannot be used with/],
    ['remove reports', /--yes is missing/],
    ['show', /missing required argument 'id'/],
    ['nonsense', /unknown command/],
    ['credential', /Usage/],
  ])('answers the wrong call "%s" with exit code 2, and repeats no secret', async (words, expected) => {
    if (!words.startsWith('add')) await client('add reports')
    const { code, out, err } = await client(words)
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(expected)
    expect(err).not.toMatch(/needle|\n +at /)
  })
})

describe('a client that signs with its secret', () => {
  const LONG = 'TopSecretClientSecret, and longer than a hash'
  const SIGNS = '--auth-method client_secret_jwt'
  const masterKey = 'A'.repeat(43)
  const withKey = (more: Surroundings = {}): Surroundings => ({
    ...more,
    environment: { ...storage.environment, LATCHKEY_MASTER_KEY: masterKey },
  })
  const secretsOf = async () => {
    const { id: clientId = '', credentials = [] } = (await stored()) ?? {}
    const seal = createSecretSeal({ masterKey })
    const opened: (string | undefined)[] = []
    for (const { id: credentialId, ...credential } of credentials) {
      const sealed = credential.kind === 'secret' ? credential.sealed : undefined
      opened.push(sealed && (await seal.unseal({ clientId, credentialId }, sealed)))
    }
    return opened
  }

  it('has a secret that is made for it, kept encrypted, and shown once', async () => {
    const { code, out, err } = await client(`add reports ${SIGNS}`, withKey())
    const [, secret = ''] = /^client_id +reports\nclient_secret +(\S+)\n$/.exec(out) ?? []
    expect([code, secret]).toEqual([0, expect.stringMatching(SECRET)])
    expect(err).toMatch(/A secret can be stolen.*\n.*shown this once.*encrypted under LATCHKEY_MASTER_KEY/)
    expect(await secretsOf()).toEqual([secret])
    expect(JSON.stringify(await stored())).not.toContain(secret)
    const { credentials } = await documentOf('show reports')
    expect(credentials).toEqual([{ id: expect.any(String), kind: 'secret', generated: true, live: true }])
    const shown = [await client('show reports'), await client('list --json'), await client('credential list reports')]
    expect(JSON.stringify([credentials, shown])).not.toMatch(/sealed|v1\.|sha256/)
  })

  it('has another secret beside, and may bring its own', async () => {
    await client(`add reports ${SIGNS} --secret-stdin`, withKey({ input: `${LONG}\n` }))
    const { client_secret: secret } = await documentOf('credential add reports', withKey())
    expect(await secretsOf()).toEqual([LONG, secret])
    expect((await stored())?.credentials).toMatchObject(
      [{ hash: /^\$scrypt/ }, { hash: /^\$sha256/ }].map(({ hash: pattern }) => ({
        hash: expect.stringMatching(pattern),
      })),
    )
  })

  it.each([
    [`add reports ${SIGNS} --secret-hash ${generateSecret().hash}`, 2, /needs the secret itself, and no hash of it/],
    [`add reports ${SIGNS} --secret-stdin`, 2, /needs a secret of at least 32 bytes \(RFC 7518 §3\.2\)/],
    [`add reports ${SIGNS} --auth-signing-alg HS512 --secret-stdin`, 2, /at least 64 bytes for HS512/],
    [`add reports ${SIGNS} --jwks-uri https://a.example/`, 2, /client_secret_jwt works with secret, and this would be/],
  ])('answers the wrong call "%s" with exit code 2', async (words, expected, message) => {
    const { code, out, err } = await client(words, withKey({ input: 'needle' }))
    expect([code, out]).toEqual([expected, ''])
    expect(err).toMatch(message)
    expect(err).not.toContain('needle')
    expect(await stored()).toBeUndefined()
  })

  it('cannot be registered without a master key, which is named before a secret is asked for', async () => {
    const expected = { code: 1, out: '', err: expect.stringMatching(/^latchkey: LATCHKEY_MASTER_KEY is required/m) }
    expect(await client(`add reports ${SIGNS} --secret-stdin`)).toMatchObject(expected)
    expect(await stored()).toBeUndefined()
    await client(`add reports ${SIGNS}`, withKey())
    expect(await client('credential add reports')).toMatchObject(expected)
    expect((await client('update reports --name Nightly')).code).toBe(0)
    await client('add others')
    expect(await client(`update others ${SIGNS}`)).toMatchObject(expected)
    expect(await stored('others')).not.toHaveProperty('tokenEndpointAuthMethod')
  })

  it('is told what to run where only the hash of its secret is kept', async () => {
    await client('add reports')
    const changed = await client(`update reports ${SIGNS}`, withKey())
    expect(changed).toMatchObject({ code: 0, out: 'reports is changed\n' })
    expect(changed.err).toMatch(
      /has no secret that it could sign with.*latchkey client credential add reports makes one/,
    )
    const { client_secret: secret } = await documentOf('credential add reports', withKey())
    expect(await secretsOf()).toEqual([undefined, secret])
    expect((await client('update reports --name Nightly', withKey())).err).toBe('')
  })

  it.each(['--auth-method client_secret_basic', '--unset token_endpoint_auth_method'])(
    'leaves nothing behind that could be opened when it signs no more: %s',
    async (words) => {
      await client(`add reports ${SIGNS}`, withKey())
      expect((await client(`update reports ${words}`)).code).toBe(0)
      expect(await secretsOf()).toEqual([undefined])
      expect((await stored())?.credentials).toEqual([
        { kind: 'secret', id: expect.any(String), hash: expect.stringMatching(/^\$sha256/) },
      ])
    },
  )
})

describe('latchkey client list', () => {
  it('shows every client on a line, however many pages there are', async () => {
    for (let index = 0; index < 1203; index++)
      await storage.adapter.clients?.add(
        defineClient({ id: `c${String(index).padStart(4, '0')}`, scopes: { a: true } }),
      )
    const { clients } = (await documentOf('list')) as unknown as { clients: { client_id: string }[] }
    expect(clients).toHaveLength(1203)
    expect(clients[1202]?.client_id).toBe('c1202')
    const { out } = await client('list')
    expect(out.split('\n')).toHaveLength(1205)
    expect(out).toMatch(/^CLIENT_ID +STATE +CREDENTIALS +SCOPES +NAME\nc0000 +enabled +0 live +a +-\n/)
  })

  it('says when there is none', async () => {
    expect(await client('list')).toEqual({ code: 0, out: '', err: expect.stringMatching(/no client yet/) })
    expect(await documentOf('list')).toEqual({ clients: [] })
  })

  it('shows nothing that a terminal would obey', async () => {
    await storage.adapter.clients?.add(defineClient({ id: 'odd', name: 'a\u001b[31mb\u009b2J\u202ec\nd' }))
    expect((await client('list')).out).toContain('a?[31mb?2J?c?d')
    const { out } = await client('show odd --json')
    expect(out).toMatch(/^[\x20-\x7e\n]*$/)
    expect(JSON.parse(out)).toMatchObject({ client_name: 'a\u001b[31mb\u009b2J\u202ec\nd' })
  })
})

describe('latchkey client show', () => {
  it('tells all that is known of a client, and no hash', async () => {
    await client('add reports --name Nightly --scope a --disabled-scope b --expires-at 2030-06-01')
    const { code, out } = await client('show reports')
    expect(code).toBe(0)
    expect(out).toMatch(/^client_name +Nightly$/m)
    expect(out).toMatch(/^scopes +a \(b\)$/m)
    expect(out).toMatch(/^[A-Za-z0-9]{12} +generated secret +live +- +2030-06-01T00:00:00Z +never +-$/m)
    expect(out).not.toMatch(/sha256/)
  })

  it.each(['show', 'update --name x', 'remove --yes', 'enable', 'disable', 'revoke-tokens', 'credential list'])(
    'refuses "%s" of a client that is not there',
    async (words) => {
      const { code, out, err } = await client(`${words} nobody`)
      expect([code, out]).toEqual([1, ''])
      expect(err).toBe('latchkey: there is no client "nobody"; latchkey client list shows them\n')
    },
  )
})

describe('latchkey client update', () => {
  beforeEach(() => client('add reports --name Nightly --scope a --disabled-scope b --token-ttl 60'))

  it('changes what is said, and nothing else', async () => {
    const before = await stored()
    const document = await documentOf('update reports --name Weekly --introspect any')
    expect(document).toMatchObject({ client_name: 'Weekly', introspect: 'any', version: 2, access_token_ttl: 60 })
    expect(await stored()).toEqual({ ...before, name: 'Weekly', introspect: 'any', version: 2 })
  })

  it('puts the scopes that are given in the place of the others', async () => {
    expect((await documentOf('update reports --scope c --disabled-scope a'))['scopes']).toEqual({ c: true, a: false })
  })

  it('changes single scopes', async () => {
    const words = 'update reports --add-scope c --add-scope b --disable-scope a'
    expect((await documentOf(words))['scopes']).toEqual({ a: false, b: true, c: true })
    expect((await documentOf('update reports --remove-scope a'))['scopes']).toEqual({ b: true, c: true })
    const { code, err } = await client('update reports --remove-scope a')
    expect([code, err]).toEqual([1, 'latchkey: the client does not hold the scope "a"\n'])
  })

  it('takes back what a client need not have', async () => {
    const document = await documentOf('update reports --unset client_name --unset access_token_ttl')
    expect(document).not.toHaveProperty('client_name')
    expect(document).not.toHaveProperty('access_token_ttl')
    expect(Object.keys((await stored()) ?? {})).not.toContain('name')
  })

  it('keeps what somebody else writes at the same time', async () => {
    const { clients } = storage.adapter
    if (clients === undefined) throw new Error('there are no clients')
    const { replace } = clients
    let others = 2
    const disturbed = await keep({
      clients: {
        ...clients,
        async replace(next, version) {
          const there = await clients.find('reports')
          if (there && others-- > 0)
            await replace({ ...there, scopes: [{ name: `s${others}`, enabled: true }] }, version)
          return replace(next, version)
        },
      },
    })
    const { code } = await client('update reports --name Weekly', { environment: disturbed.environment })
    await disturbed.end()
    expect(code).toBe(0)
    expect(await stored()).toMatchObject({ name: 'Weekly', scopes: [{ name: 's0', enabled: true }], version: 4 })
  })
})

describe('latchkey client enable, disable, remove', () => {
  beforeEach(() => client('add reports'))

  it('switches a client off and on, and writes nothing where it is so already', async () => {
    expect(await client('disable reports')).toEqual({ code: 0, out: 'reports is disabled\n', err: '' })
    expect(await documentOf('disable reports')).toMatchObject({ enabled: false, version: 2 })
    expect(await client('enable reports')).toEqual({ code: 0, out: 'reports is enabled\n', err: '' })
    expect(await stored()).toMatchObject({ enabled: true, version: 3 })
  })

  it('removes a client when it is meant', async () => {
    expect(await client('remove reports --yes')).toEqual({ code: 0, out: 'reports is removed\n', err: '' })
    expect(await stored()).toBeUndefined()
  })

  it('asks at a terminal whether it is meant, and takes anything but a yes for a no', async () => {
    const no = await client('remove reports', { terminal: true, input: '\n' })
    expect(no).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/^Remove the client "reports".*\[y\/N\] /),
    })
    expect(await stored()).toBeDefined()
    expect(await client('remove reports', { terminal: true, input: 'yes\n' })).toMatchObject({ code: 0 })
    expect(await stored()).toBeUndefined()
  })

  it('revokes every token by one timestamp, which has passed when it answers', async () => {
    const { tokens_valid_from: before } = await documentOf('show reports')
    const { tokens_valid_from: after } = await documentOf('revoke-tokens reports')
    expect(after).toBeGreaterThan(Number(before))
    expect(after).toBeLessThanOrEqual(systemClock.now())
  })
})

describe('latchkey client credential', () => {
  beforeEach(() => client('add reports --label first'))

  const ids = async () => (await stored())?.credentials.map(({ id }) => id) ?? []

  it('gives a client another secret beside the one that it has', async () => {
    const document = await documentOf('credential add reports --label second --expires-in 90d')
    expect(document).toMatchObject({ client_id: 'reports', client_secret: expect.stringMatching(SECRET) })
    expect(document.credentials).toMatchObject([
      { label: 'first', live: true },
      { label: 'second', live: true, id: document['credential_id'], expires_at: document['client_secret_expires_at'] },
    ])
    expect(document.credentials[0]).not.toHaveProperty('expires_at')
    expect(Number(document['client_secret_expires_at']) - systemClock.now()).toBeCloseTo(90 * 86_400, -2)
  })

  it('lets the others end after the overlap, and none later than it would have', async () => {
    await client('credential add reports --expires-in 1h --label second')
    const { code, out, err } = await client('credential add reports --overlap 7d --label third')
    expect(code).toBe(0)
    expect(out).toMatch(/^client_id +reports\ncredential_id +\S+\nclient_secret +lk_s_\S+\n$/)
    expect(err).toMatch(/The others count until \d{4}-/)
    const [first, second, third] = (await stored())?.credentials ?? []
    const now = systemClock.now()
    expect((first?.expiresAt ?? 0) - now).toBeCloseTo(7 * 86_400, -2)
    expect((second?.expiresAt ?? 0) - now).toBeCloseTo(3600, -2)
    expect(third).not.toHaveProperty('expiresAt')
  })

  it('lists them with the last use of each', async () => {
    const [id = ''] = await ids()
    await storage.adapter.credentialUses?.record([{ clientId: 'reports', credentialId: id, usedAt: 1_900_000_000 }])
    await client('credential add reports --label second')
    const { out } = await client('credential list reports')
    expect(out).toMatch(/^CREDENTIAL +KIND +STATE +NOT BEFORE +EXPIRES +LAST USED +LABEL\n/)
    expect(out).toMatch(/^\S+ +generated secret +live +- +never +2030-03-17T17:46:40Z +first$/m)
    expect(out).toMatch(/^\S+ +generated secret +live +- +never +never +second$/m)
    const { credentials: secrets } = await documentOf('credential list reports')
    expect(secrets).toMatchObject([{ id, last_used_at: 1_900_000_000 }, { label: 'second' }])
    expect(secrets[1]).not.toHaveProperty('last_used_at')
  })

  it('takes one away', async () => {
    const [id = ''] = await ids()
    await client('credential add reports')
    const [, other] = await ids()
    const { tokens_valid_from: before } = await documentOf('show reports')
    expect(await documentOf(`credential remove reports ${id}`)).toMatchObject({
      client_id: 'reports',
      credential_id: id,
      removed: true,
      credentials: [{ id: other }],
      tokens_valid_from: before,
    })
    const again = await client(`credential remove reports ${id}`)
    expect(again).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/^latchkey: reports has no credential "/),
    })
  })

  it('says when the last one is gone', async () => {
    const [id = ''] = await ids()
    const { code, err } = await client(`credential remove reports ${id}`)
    expect([code, err]).toEqual([0, expect.stringMatching(/has no live credential left/)])
  })

  it('revokes every token with one that somebody else may know, past the caches of every node', async () => {
    const [id = ''] = await ids()
    await client('credential add reports')
    const now = systemClock.now()
    const { code, out, err } = await client(`credential remove reports ${id} --revoke-tokens`)
    expect([code, out]).toEqual([0, `${id} of reports is removed, and every token is revoked\n`])
    expect(err).toMatch(/^It gets tokens again from \d{4}-/)
    expect((await stored())?.tokensValidFrom).toBeGreaterThan(now + 10)
    expect(await ids()).not.toContain(id)
    expect(await client(`credential remove reports ${id} --revoke-tokens`)).toMatchObject({ code: 1, out: '' })
  })

  it('refuses a second chosen secret while the first one counts', async () => {
    const input = 'TopSecretClientSecret'
    await client('credential add reports --secret-stdin', { input })
    const { code, out, err } = await client('credential add reports --secret-stdin', { input })
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(/^latchkey: .*at most one secret that a person chose.*\n$/)
    expect((await client('credential add reports --secret-stdin --overlap 0s', { input })).code).toBe(0)
  })
})

describe('where clients are kept', () => {
  it.each([
    ['list', {}, 'LATCHKEY_STORAGE'],
    ['add reports', { LATCHKEY_STORAGE: 'memory:?tokens=5' }, 'LATCHKEY_STORAGE'],
    ['remove reports --yes', { LATCHKEY_CLIENT_STORAGE: 'memory:' }, 'LATCHKEY_CLIENT_STORAGE'],
  ])('refuses "%s" on a memory that ends with the command, and says why', async (words, environment, setting) => {
    const { code, out, err } = await client(words, { environment })
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(new RegExp(`^latchkey: ${setting} keeps clients in the memory .*LATCHKEY_CLIENTS_FILE\\n$`))
  })

  it('refuses while a migration is pending, and says what to run', async () => {
    const migrations = { pending: async () => ['001_first', '002_second'], apply: async () => [] }
    const behind = await keep({ migrations })
    const { code, err } = await client('list', { environment: behind.environment })
    await behind.end()
    expect([code, err]).toEqual([
      1,
      'latchkey: LATCHKEY_STORAGE: 2 migrations are pending (001_first, 002_second); run latchkey migrate\n',
    ])
  })

  it('asks the client storage alone, and closes it', async () => {
    let closed = 0
    const there = await keep({
      async close() {
        closed += 1
      },
    })
    const environment = { LATCHKEY_CLIENT_STORAGE: there.storage, LATCHKEY_TOKEN_STORAGE: './nowhere.mjs' }
    expect((await client('list', { environment })).code).toBe(0)
    await there.end()
    expect(closed).toBe(1)
  })

  it('needs nothing that only serving takes', async () => {
    const environment = { ...storage.environment, LATCHKEY_HOST: '0.0.0.0', LATCHKEY_TLS_KEY_FILE: '/root/none' }
    expect((await client('list', { environment })).code).toBe(0)
    const { code, err } = await client('list', { environment: { ...storage.environment, LATCHKEY_STORAG: 'x' } })
    expect([code, err]).toEqual([1, 'latchkey: LATCHKEY_STORAG is not a setting; did you mean LATCHKEY_STORAGE?\n'])
  })

  it('tells in one line of a storage that fails', async () => {
    const clients = { ...storage.adapter.clients, find: () => Promise.reject(new Error('it\n  is away')) }
    const away = await keep({ clients: clients as never })
    const { code, out, err } = await client('show reports', { environment: away.environment })
    await away.end()
    expect([code, out, err]).toEqual([1, '', 'latchkey: it is away\n'])
  })

  it('brings no token of an earlier client back to life', async () => {
    const { clients } = storage.adapter
    if (clients === undefined) throw new Error('there are no clients')
    await addClient({ clients }, defineClient({ id: 'reports' }))
    await client('remove reports --yes')
    const now = systemClock.now()
    expect((await documentOf('add reports'))['tokens_valid_from']).toBeGreaterThanOrEqual(now)
  })
})
