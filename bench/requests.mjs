import { createRemoteJWKSet, jwtVerify } from 'jose'
import { CLIENT, SCOPE, SECRET } from './contenders.mjs'

export const basic = (id, secret) => ({ authorization: `Basic ${btoa(`${id}:${secret}`)}` })

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

/** A token request by `client_secret_basic`. */
export const tokenRequest = ({ origin }, headers = basic(CLIENT, SECRET)) => ({
  url: `${origin}/oauth2/token`,
  headers: { ...FORM, ...headers },
  body: new URLSearchParams({ grant_type: 'client_credentials', scope: SCOPE }).toString(),
})

export const introspectionRequest = ({ origin }, token, headers = basic(CLIENT, SECRET)) => ({
  url: `${origin}/oauth2/introspect`,
  headers: { ...FORM, ...headers },
  body: `token=${token}`,
})

export const revocationRequest = ({ origin }, token) => ({
  url: `${origin}/oauth2/revoke`,
  headers: { ...FORM, ...basic(CLIENT, SECRET) },
  body: `token=${token}`,
})

export const send = ({ url, headers, body }) => fetch(url, { method: 'POST', headers, body })

/** A token, as a client gets one. */
export async function tokenOf(target) {
  const answer = await send(tokenRequest(target))
  const { access_token: token } = await answer.json()
  if (answer.status !== 200 || typeof token !== 'string') throw new Error(`${target.name} issued no token`)
  return token
}

/**
 * What is compared must do its work: each that is no limit issues a token that is good by its own introspection, or a JWT that
 * its own keys verify, and none for a wrong secret.
 */
export async function checkIssuing(targets) {
  for (const target of targets.filter(({ isLimit }) => !isLimit)) {
    const refused = await send(tokenRequest(target, basic(CLIENT, `${SECRET.slice(0, -1)}!`)))
    if (refused.status !== 401) throw new Error(`${target.name} answers a wrong secret with ${refused.status}`)
    const token = await tokenOf(target)
    if (token === (await tokenOf(target))) throw new Error(`${target.name} issued one token twice`)
    if (!(await isActive(target, token)) && !(await isVerified(target, token)))
      throw new Error(`${target.name} does not know its own token`)
  }
}

async function isActive(target, token) {
  const answer = await send(introspectionRequest(target, token))
  return answer.status === 200 && (await answer.json()).active === true
}

async function isVerified({ origin }, token) {
  const metadata = await fetch(`${origin}/.well-known/openid-configuration`)
  const { issuer, jwks_uri: address } = await metadata.json()
  const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(address)), { issuer })
  return payload.client_id === CLIENT
}
