/**
 * `node container-health.mjs live` or `ready`: asks the service of this container for its health, and exits with 0 or 1.
 * The image brings it, since there is neither curl nor wget in it.
 */
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'

const { LATCHKEY_PORT = '4000', LATCHKEY_TLS_CERT, LATCHKEY_TLS_CERT_FILE } = process.env
const [kind = 'live'] = process.argv.slice(2)
const overTls = LATCHKEY_TLS_CERT !== undefined || LATCHKEY_TLS_CERT_FILE !== undefined

const target = { host: '127.0.0.1', port: LATCHKEY_PORT, path: `/health/${kind}`, timeout: 2000 }
// The certificate names the issuer, not this address; and nothing but the status is believed.
const asked = overTls ? requestHttps({ ...target, rejectUnauthorized: false }) : requestHttp(target)
asked.once('response', (response) => {
  response.resume()
  process.exit(response.statusCode === 200 ? 0 : 1)
})
asked.once('timeout', () => asked.destroy())
asked.once('error', () => process.exit(1))
asked.end()
