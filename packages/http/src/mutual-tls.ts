import type { RegisteredClient } from '@latchkey/core'
import { clientsFileAt } from './clients-file.ts'
import type { Config } from './config/config.ts'
import type { ReadFile } from './config/environment.ts'
import { StartRefused } from './start-refused.ts'

/** What {@link checkMutualTls} looks at. */
export interface MutualTlsDeps {
  readonly config: Pick<Config, 'clientsFile' | 'mutualTls'>
  readonly readFile: ReadFile
}

/**
 * Looks for clients of the clients file that could never get a token, because no certificate arrives, or none that proves a
 * name.
 *
 * @throws StartRefused that names each of them, and the setting.
 */
export function checkMutualTls({ config: { clientsFile, mutualTls }, readFile }: MutualTlsDeps): void {
  if (clientsFile === undefined) return
  const problems = problemsOfCertificates(clientsFileAt(clientsFile, readFile).clients, mutualTls)
  if (problems.length > 0)
    throw new StartRefused(problems.map((problem) => `LATCHKEY_CLIENTS_FILE: ${clientsFile}: ${problem}`))
}

/** What is to be said of clients that need certificates where none arrives, or none that proves what they need proven. */
export const problemsOfCertificates = (
  clients: readonly RegisteredClient[],
  mutualTls: Config['mutualTls'],
): readonly string[] =>
  clients.flatMap((client) => {
    const problem = problemOf(client, mutualTls)
    return problem === undefined ? [] : [`client ${JSON.stringify(client.definition.id)}: ${problem}`]
  })

const SWITCHES = 'LATCHKEY_TLS_CLIENT_CA, LATCHKEY_TLS_CLIENT_CERTIFICATES or LATCHKEY_FORWARDED_CLIENT_CERT'

function problemOf({ definition, credentials }: RegisteredClient, mutualTls: Config['mutualTls']): string | undefined {
  const { tokenEndpointAuthMethod: method, tlsClientCertificateBoundAccessTokens: isBound } = definition
  const isNamed = method === 'tls_client_auth' || credentials.some(({ kind }) => kind === 'tls_client_auth')
  const isCertified = isNamed || method === 'self_signed_tls_client_auth'
  if (mutualTls === undefined && isCertified)
    return `it authenticates by a certificate, and none arrives without ${SWITCHES}`
  if (mutualTls === undefined && isBound === true)
    return `its tokens are bound to a certificate, and none arrives without ${SWITCHES}`
  if (mutualTls?.provesNames === false && isNamed)
    return 'it authenticates by the name in a certificate, and nobody verifies one without LATCHKEY_TLS_CLIENT_CA or LATCHKEY_FORWARDED_CLIENT_VERIFY'
  return undefined
}
