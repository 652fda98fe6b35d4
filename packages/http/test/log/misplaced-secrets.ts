import { connectTo } from '../raw-connection.ts'
import { basic, FORM } from '../test-server.ts'

/** What to put in wrong places. */
export interface Misplaced {
  readonly clientId: string
  readonly secret: string
  readonly token: string
}

const ASSERTION_TYPE = encodeURIComponent('urn:ietf:params:oauth:client-assertion-type:jwt-bearer')

/** Requests as bytes, each with a secret or a token where it does not belong. */
function requestsWith({ clientId, secret, token }: Misplaced): readonly string[] {
  const pair = basic(clientId, encodeURIComponent(secret))
  const request = (start: string, fields: readonly string[] = [], body = ''): string =>
    [`${start} HTTP/1.1`, 'Host: h', `Content-Length: ${Buffer.byteLength(body)}`, ...fields, '', body].join('\r\n')
  const form = [`Content-Type: ${FORM}`]
  const post = (fields: readonly string[], body = '', path = '/oauth2/token'): string =>
    request(`POST ${path}`, fields, body)
  return [...new Set([secret, token, encodeURIComponent(secret)])].flatMap((value) => [
    // In the target.
    ...['/oauth2/token', '/oauth2/introspect', '/oauth2/revoke', '/health/ready', '/nothing', '/%zz'].flatMap(
      (path) => [
        request(`GET ${path}?token=${value}`),
        post(form, '', `${path}?client_secret=${value}`),
        request(`GET ${path}/${value}`),
        request(`DELETE ${path}/${value}?${value}#${value}`),
      ],
    ),
    request(`GET /${value}`),
    request(`GET /${Buffer.from(value).toString('base64url')}`),
    request(`GET http://${clientId}:${value}@h/oauth2/token`),
    request(`OPTIONS ${value}`),
    `GET /${value}${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`,
    // In the header.
    ...[
      'Authorization',
      'Proxy-Authorization',
      'Cookie',
      'X-Api-Key',
      'Accept',
      'Content-Type',
      'Expect',
      'DPoP',
      value,
    ].map((name) => post([`${name}: ${value}`], 'token=x', '/oauth2/introspect')),
    post([...form, `Authorization: Bearer ${value}`, `Authorization: ${pair}`], 'grant_type=x'),
    post([...form, `Authorization: Basic ${value}`], 'grant_type=x'),
    post([...form, `Authorization: Bearer ${value}`], `token=${value}`, '/oauth2/introspect'),
    post([...form, 'DPoP: a', `DPoP: ${value}`]),
    post([`Content-Type: ${FORM}; charset=${value}`]),
    `POST /oauth2/token HTTP/1.1\r\nHost: ${value}\r\nHost: ${value}\r\n\r\n`,
    `POST /oauth2/token HTTP/1.1\r\nHost: h\r\nContent-Length: ${value}\r\n\r\n`,
    `POST /oauth2/token HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: ${value}\r\n\r\n`,
    `POST /oauth2/token HTTP/1.1\r\nHost: h\r\nX: ${value}${'x'.repeat(20_000)}\r\n\r\n`,
    `POST /oauth2/token HTTP/1.1\r\nHost: h\r\n${value}\r\n\r\n`,
    // Where no HTTP is.
    `${value}\r\n\r\n`,
    `${value} / HTTP/1.1\r\nHost: h\r\n\r\n`,
    `GET / HTTP/${value}\r\nHost: h\r\n\r\n`,
    `POST /oauth2/token HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;${value}\r\nhello\r\n${value}\r\n`,
    // In the body.
    ...['/oauth2/token', '/oauth2/introspect', '/oauth2/revoke'].flatMap((path) => [
      post(form, `client_id=${value}&client_secret=${value}&grant_type=client_credentials&token=${value}`, path),
      post(form, `${value}=${value}&%zz`, path),
      post(form, `client_secret=${value}&client_secret=${value}`, path),
      post(['Content-Type: application/json'], JSON.stringify({ client_id: clientId, client_secret: value }), path),
      post([...form, `Authorization: ${pair}`], `client_id=${value}&client_secret=${value}`, path),
      post([...form, `Authorization: ${pair}`], `client_id=${value}`, path),
      post([...form, `Authorization: ${pair}`], `grant_type=${value}&token_type_hint=${value}`, path),
      post([...form, `Authorization: ${pair}`], `grant_type=client_credentials&scope=${value}&token=${value}`, path),
      post(form, `x=${value}${'x'.repeat(70_000)}`, path),
      post(form, `client_assertion=${value}&token=x`, path),
      post(form, `client_assertion=${value}&client_assertion_type=${value}&client_id=${value}`, path),
      post(form, `client_assertion=${value}&client_assertion_type=${ASSERTION_TYPE}&client_id=${clientId}`, path),
      post([...form, `Authorization: ${pair}`], `client_assertion=${value}&client_assertion_type=x`, path),
    ]),
    post([...form, `Authorization: ${pair}`], 'grant_type=client_credentials'),
  ])
}

/** Two slow hashes run at once in the server, so that more than a few requests at once would gain nothing. */
const AT_ONCE = 4

/** Sends them all, each over a connection of its own. Returns how many there were. */
export async function misplaceSecrets(port: number, misplaced: Misplaced): Promise<number> {
  const requests = requestsWith(misplaced)
  const waiting = requests.values()
  const worker = async (): Promise<void> => {
    for (const request of waiting) await send(port, request)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return requests.length
}

async function send(port: number, request: string): Promise<void> {
  const socket = await connectTo(port)
  await new Promise<void>((resolve) => {
    socket.once('data', () => resolve())
    socket.once('error', () => resolve())
    socket.once('close', () => resolve())
    socket.write(request)
  })
  socket.destroy()
}
