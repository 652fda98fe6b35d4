import { expect, it } from 'vitest'
import { clientCredentials } from '../../src/grants/client-credentials.ts'
import { formOf } from '../../src/protocol/form.ts'
import { reports } from '../test-server.ts'

it('lets a client act for itself, with the scopes that it asks for', async () => {
  const client = reports()
  expect(
    await clientCredentials.authorize({
      client,
      resources: [],
      form: formOf({ scope: 'write', sub: 'root', username: 'root' }),
    }),
  ).toEqual({
    client,
    subject: 'reports',
    scopes: ['write'],
  })
})

it('refuses as a promise does, so that nobody has to catch twice', async () => {
  await expect(
    clientCredentials.authorize({ client: reports(), resources: [], form: formOf({ scope: 'other' }) }),
  ).rejects.toMatchObject({
    code: 'invalid_scope',
  })
})
