import { openAdapter } from '@latchkey/adapter-postgres'
import type { Adapter, ClientRegistry, CredentialUses, TokenStore } from '@latchkey/core'
import { createAuthorizationServer, defineClient, formOf, generateSecret, hashSecret } from '@latchkey/core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestSchema, type TestSchema } from './database.ts'

let home: TestSchema
beforeAll(async () => {
  home = await createTestSchema('dump')
})
afterAll(() => home.drop())

type Storage = Adapter & { clients: ClientRegistry; tokens: TokenStore; credentialUses: CredentialUses }

/** Every row of every table, as text. */
async function dumped(): Promise<string> {
  const { rows: tables } = await home.owner.query('SELECT tablename FROM pg_tables WHERE schemaname = $1', [
    home.schema,
  ])
  const parts: string[] = []
  for (const { tablename } of tables) {
    const { rows } = await home.owner.query(
      `SELECT dumped::text AS line FROM "${home.schema}"."${tablename}" AS dumped`,
    )
    parts.push(...rows.map(({ line }) => line))
  }
  return parts.join('\n')
}

/** The text itself, and as a column of bytes would show it. */
const formsOf = (secret: string): readonly string[] => [
  secret,
  Buffer.from(secret).toString('hex'),
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
]

it('holds no secret and no token that the server gave out or was given', async () => {
  const adapter = (await openAdapter(home.url())) as Storage
  const { clients, tokens, credentialUses } = adapter
  const chosen = 'a secret that a person chose'
  const generated = generateSecret()
  await clients.add(
    defineClient({
      id: 'searched-for',
      scopes: { read: true },
      credentials: [
        { kind: 'secret', id: generated.credentialId, hash: generated.hash },
        { kind: 'secret', id: 'chosen', hash: await hashSecret(chosen) },
      ],
    }),
  )
  const server = createAuthorizationServer({ issuer: 'https://issuer.example', clients, tokens, credentialUses })
  const secrets = [chosen, generated.secret]
  for (const secret of [chosen, generated.secret, generated.secret]) {
    const authorization = `Basic ${btoa(`searched-for:${encodeURIComponent(secret)}`)}`
    const { access_token } = await server.token({ authorization, form: formOf({ grant_type: 'client_credentials' }) })
    secrets.push(access_token)
    const form = formOf({ token: access_token })
    expect(await server.introspect({ authorization, form })).toMatchObject({ active: true })
    if (secrets.length % 2 === 0) await server.revoke({ authorization, form })
    await adapter.replays?.claim(access_token, 4_102_444_800)
  }
  await server.close()
  await adapter.close()

  const dump = await dumped()
  for (const form of secrets.flatMap(formsOf)) expect(dump).not.toContain(form)

  // What the search is worth: it sees what is there, a secret that somebody put in the wrong place included.
  expect(dump).toContain('searched-for')
  await home.owner.query(`INSERT INTO "${home.schema}".claims VALUES ($1, 1)`, [Buffer.from(chosen)])
  const planted = await dumped()
  expect(secrets.flatMap(formsOf).filter((form) => planted.includes(form))).toEqual([formsOf(chosen)[1]])
})
