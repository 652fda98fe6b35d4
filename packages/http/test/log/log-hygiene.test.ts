import { defineClient, generateSecret, hashSecret } from '@latchkey/core'
import { describe, expect, it } from 'vitest'
import { preparedProofs } from '../dpop-proofs.ts'
import { sendTo } from '../hosts.ts'
import { httpSuite } from '../http-suite.ts'
import { startedService } from '../started-service.ts'
import { basic, type ClientId, FORM } from '../test-server.ts'
import { misplaceSecrets } from './misplaced-secrets.ts'
import { formsOf, foundIn } from './secret-forms.ts'

const CHOSEN = 'Correct-horse/battery+staple 42'

describe('what is logged at level trace', () => {
  it('holds no secret and no token in any form, wherever they were put', { timeout: 60_000 }, async () => {
    const secrets: Record<string, string> = {}
    const { service, port, logged } = await startedService(
      { LATCHKEY_LOG_LEVEL: 'trace' },
      {
        async prepare({ clients }) {
          for (const id of ['reader', 'other', 'api', 'disabled', 'expired', 'post-only', 'basic-only']) {
            const { secret, hash, credentialId } = generateSecret()
            secrets[id] = secret
            const credentials = [{ kind: 'secret' as const, id: credentialId, hash }]
            await clients.add(defineClient({ id, credentials, scopes: { read: true, write: true } }))
          }
          const hash = await hashSecret(CHOSEN)
          await clients.add(defineClient({ id: 'chosen', credentials: [{ kind: 'secret', id: 'chosen', hash }] }))
        },
      },
    )
    const tokens: string[] = []
    const tokenFor = async (id: string, secret: string): Promise<string> => {
      const headers = { 'content-type': FORM, authorization: basic(id, encodeURIComponent(secret)) }
      const { body } = await sendTo(port, { path: '/oauth2/token', body: 'grant_type=client_credentials', headers })
      const { access_token } = JSON.parse(body) as { access_token: string }
      tokens.push(access_token)
      return access_token
    }

    const { reader = '' } = secrets
    const token = await tokenFor('reader', reader)
    let sent = await misplaceSecrets(port, { clientId: 'reader', secret: reader, token })
    sent += await misplaceSecrets(port, { clientId: 'chosen', secret: CHOSEN, token: await tokenFor('chosen', CHOSEN) })
    const given = {
      secrets: secrets as Record<ClientId, string>,
      token,
      ...(await preparedProofs('http://localhost:4000')),
    }
    for (const { send } of httpSuite) {
      const { body } = await sendTo(port, send(given))
      tokens.push(...(body.match(/lk_at_[0-9A-Za-z]{49}/g) ?? []))
    }
    await service.close()

    expect(sent).toBeGreaterThan(300)
    const log = logged.join('')
    // A log that tells nothing would hold no secret either.
    expect(logged.length).toBeGreaterThan(300)
    for (const word of ['"level":"debug"', '"event":"request"', '"event":"request_refused"', '"event":"token_issued"'])
      expect(log).toContain(word)
    const pairs = Object.entries(secrets).map(([id, secret]) => btoa(`${id}:${secret}`))
    expect(foundIn(log, [...Object.values(secrets), ...pairs, CHOSEN, ...tokens])).toEqual([])
  })

  it('would be found out: each form of a secret is recognised in the midst of other text', () => {
    const secret = 'a/b+c d'
    const around = [0, 1, 2, 3].map((bytes) => btoa(`${'x'.repeat(bytes)}${secret}yy`))
    for (const text of [...around, ...formsOf(secret)]) expect(foundIn(`before${text}after`, [secret])).not.toEqual([])
    expect(foundIn(btoa('something else'), [secret])).toEqual([])
  })
})
