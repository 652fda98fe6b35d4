import { randomUUID } from 'node:crypto'
import { defineClient, generateSecret, hashSecret } from '@latchkey/core'
import { describe, expect, it } from 'vitest'
import { asserting, assertionOf } from '../client-assertions.ts'
import { makeClientKey, preparedProofs } from '../dpop-proofs.ts'
import { sendTo } from '../hosts.ts'
import { httpSuite } from '../http-suite.ts'
import { startedService } from '../started-service.ts'
import { basic, type ClientId, FORM } from '../test-server.ts'
import { misplaceSecrets } from './misplaced-secrets.ts'
import { formsOf, foundIn } from './secret-forms.ts'

const CHOSEN = 'Correct-horse/battery+staple 42'

const ISSUER = 'http://localhost:4000'
const TOKEN_REQUEST = { path: '/oauth2/token', headers: { 'content-type': FORM } }

/** What nobody else may learn of an assertion: whoever has it could be first, and its name tells which it was. */
function partsOf(assertion: string): readonly string[] {
  const [, payload = '', signature = ''] = assertion.split('.')
  const { jti } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { jti: string }
  return [assertion, payload, jti, ...(signature === '' ? [] : [signature])]
}

describe('what is logged at level trace', () => {
  it('holds nothing of an assertion, right or wrong, and no secret that signs one', { timeout: 60_000 }, async () => {
    const { secret } = generateSecret()
    const { privateKey, jwk } = await makeClientKey()
    const file = {
      private_key_jwt: { jwks: { keys: [jwk] } },
      client_secret_jwt: { token_endpoint_auth_method: 'client_secret_jwt', client_secret: secret },
    }
    const { service, port, logged } = await startedService(
      { LATCHKEY_LOG_LEVEL: 'trace', LATCHKEY_CLIENTS_FILE: 'clients.json' },
      { readFile: () => JSON.stringify(file) },
    )
    const shown: string[] = []
    const statuses: number[] = []
    const send = async (assertion: string, token = 'x') => {
      shown.push(...partsOf(assertion))
      const { status, body } = await sendTo(port, { ...TOKEN_REQUEST, body: asserting(assertion, { token }) })
      statuses.push(status)
      shown.push(...(body.match(/lk_at_[0-9A-Za-z]{49}/g) ?? []))
    }
    for (const [id, key] of [
      ['private_key_jwt', { alg: 'ES256', privateKey }],
      ['client_secret_jwt', { alg: 'HS256', privateKey: Buffer.from(secret) }],
    ] as const) {
      const good = await assertionOf(key, id, ISSUER)
      for (const sent of [good, good, `${good.slice(0, -8)}AAAAAAAA`]) await send(sent)
      const strange = randomUUID().repeat(4)
      for (const claims of [{ aud: 'https://other.example' }, { exp: 1 }, { sub: strange }, { jti: strange.repeat(3) }])
        await send(await assertionOf(key, id, ISSUER, claims))
      await send(await assertionOf(key, 'nobody', ISSUER))
      await send(await assertionOf(key, id, ISSUER, {}, { kid: strange }))
      shown.push(strange)
      await misplaceSecrets(port, { clientId: id, secret, token: await assertionOf(key, id, ISSUER, { jti: strange }) })
    }
    await service.close()

    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(2)
    expect(statuses.filter((status) => status === 401).length).toBeGreaterThanOrEqual(12)
    const log = logged.join('')
    for (const word of ['"event":"client_authentication_failed"', '"event":"token_issued"']) expect(log).toContain(word)
    expect(foundIn(log, [...new Set([...shown, secret])])).toEqual([])
  })

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
