import {
  createHash,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  hash,
  randomBytes,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto'
import { write } from 'node:fs'

const P1363 = { dsaEncoding: 'ieee-p1363' }

/** What a server that is a limit does for each request, beside HTTP; each makes an answer of the size of ours. */
const WORK = {
  /** Nothing at all. */
  constant({ ANSWER }) {
    const answer = JSON.parse(ANSWER)
    return () => answer
  },

  /** What nobody who hands out opaque tokens is without: random bytes for one, and a hash of it to store. */
  random() {
    return ({ scope }) => {
      const token = `lk_at_${randomBytes(36).toString('base64url')}`
      createHash('sha256').update(token).digest('base64url')
      return { access_token: token, token_type: 'Bearer', expires_in: 3600, scope }
    }
  },

  /**
   * All that nobody who issues opaque tokens is without, in as few lines as it takes, and right for this one request alone: a
   * hash of the secret and a comparison, random bytes and a hash of them, a `Map`, and a line in a log.
   */
  issue({ CLIENT_ID, CLIENT_SECRET }) {
    const clients = new Map([[CLIENT_ID, hash('sha256', CLIENT_SECRET, 'buffer')]])
    const tokens = new Map()
    let lines = ''
    const handOn = () => {
      write(1, lines, () => {})
      lines = ''
    }
    return ({ scope, authorization }) => {
      const [clientId, secret] = atob(authorization.slice('Basic '.length)).split(':')
      if (!timingSafeEqual(hash('sha256', secret, 'buffer'), clients.get(clientId))) throw new Error('a wrong secret')
      const token = `lk_at_${randomBytes(36).toString('base64url')}`
      const id = hash('sha256', token, 'base64url')
      const issuedAt = Math.floor(Date.now() / 1000)
      const record = { clientId, scope, issuedAt, expiresAt: issuedAt + 3600 }
      tokens.set(id, record)
      if (lines === '') setImmediate(handOn)
      lines += `${JSON.stringify({ event: 'token_issued', id, ...record })}\n`
      return { access_token: token, token_type: 'Bearer', expires_in: 3600, scope }
    }
  },

  /** One token of the size of ours, signed by node:crypto at once, on the core that it has for everything else. */
  sign({ ALG, PORT }) {
    const signature = SIGNATURES[ALG]()
    const header = encoded({ alg: ALG, typ: 'at+jwt', kid: 'x'.repeat(43) })
    const issuer = `http://localhost:${PORT}`
    return ({ scope }) => {
      const iat = Math.floor(Date.now() / 1000)
      const jti = randomBytes(32).toString('base64url')
      const claims = { iss: issuer, sub: 'bench', aud: issuer, exp: iat + 3600, iat, jti, client_id: 'bench', scope }
      const text = `${header}.${encoded(claims)}`
      return { access_token: `${text}.${signature(text)}`, token_type: 'Bearer', expires_in: 3600, scope }
    }
  },

  /** One verification of the token in the form by node:crypto; nothing that it claims is looked at. */
  verify({ ANSWER, JWK }) {
    const key = { key: createPublicKey({ key: JSON.parse(JWK), format: 'jwk' }), ...P1363 }
    const answer = JSON.parse(ANSWER)
    return ({ token }) => {
      const end = token.lastIndexOf('.')
      const signature = Buffer.from(token.slice(end + 1), 'base64url')
      if (!verify('sha256', Buffer.from(token.slice(0, end)), key, signature)) throw new Error('a token is not good')
      return answer
    }
  },
}

const SIGNATURES = {
  ES256() {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const key = { key: privateKey, ...P1363 }
    return (text) => sign('sha256', Buffer.from(text), key).toString('base64url')
  },
  EdDSA() {
    const { privateKey } = generateKeyPairSync('ed25519')
    return (text) => sign(undefined, Buffer.from(text), privateKey).toString('base64url')
  },
  RS256() {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    return (text) => sign('sha256', Buffer.from(text), privateKey).toString('base64url')
  },
  HS256() {
    const key = randomBytes(32)
    return (text) => createHmac('sha256', key).update(text).digest('base64url')
  },
}

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** The work that the environment names: it takes the form, and returns the answer. */
export const workOf = (environment) => WORK[environment.WORK](environment)
