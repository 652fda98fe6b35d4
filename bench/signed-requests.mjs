import { createPrivateKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto'

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** Makes a key by which a client signs; the private half as PEM, so that it can be handed to another process. */
export function makeSigningKey() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { pem: privateKey.export({ format: 'pem', type: 'pkcs8' }), jwk: publicKey.export({ format: 'jwk' }) }
}

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

function signedBy(key) {
  return (header, claims) => {
    const text = `${encoded({ alg: 'ES256', ...header })}.${encoded({ jti: randomUUID(), ...claims })}`
    return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
  }
}

/**
 * Token requests that each pass once: with an assertion of the client, with a proof of a key, or with both. They are made
 * before they are sent, so that no load waits for a signature.
 *
 * @param {{ client: string, issuer: string, url: string, pem: string, jwk: object, assertion?: boolean, proof?: boolean }} plan
 */
export function signedRequests({ client, issuer, url, pem, jwk, assertion, proof, headers = {}, body }, count) {
  const sign = signedBy(createPrivateKey(pem))
  const iat = Math.floor(Date.now() / 1000)
  return Array.from({ length: count }, () => ({
    headers: {
      ...headers,
      ...(proof && {
        dpop: sign({ typ: 'dpop+jwt', jwk }, { htm: 'POST', htu: url.replace('127.0.0.1', 'localhost'), iat }),
      }),
    },
    body: assertion
      ? `${body}&client_assertion_type=${encodeURIComponent(ASSERTION_TYPE)}&client_assertion=${sign({}, { iss: client, sub: client, aud: issuer, iat, exp: iat + 240 })}`
      : body,
  }))
}
