import { describe, expect, it } from 'vitest'
import type { ClientAuthMethod } from '../../src/client-auth/client-auth-method.ts'
import { createClientAuthenticator } from '../../src/client-auth/client-authenticator.ts'
import { noCredentialUses } from '../../src/client-auth/credential-use-recorder.ts'
import { generateSecret } from '../../src/client-auth/generated-secret.ts'
import { defineClient } from '../../src/domain/client.ts'
import { guardReplays } from '../../src/guarded-ports.ts'
import type { ReplayGuard } from '../../src/ports/replay-guard.ts'
import { formOf } from '../../src/protocol/form.ts'

const { hash, credentialId } = generateSecret()
const client = defineClient({ id: 'reports', credentials: [{ kind: 'secret', id: credentialId, hash }] })

/** A method whose credentials pass once: it takes whoever asks for the client. */
const once: ClientAuthMethod = {
  names: ['client_secret_post'],
  extract: () => [
    {
      clientId: client.id,
      verify: async ({ client: found }) => found?.credentials[0],
      singleUse: () => ({ key: 'reports jti', expiresAt: 1300 }),
    },
  ],
}

function rememberingGuard(): ReplayGuard {
  const claimed = new Set<string>()
  return {
    async claim(key) {
      if (claimed.has(key)) return false
      claimed.add(key)
      return true
    },
  }
}

function ask(replays: ReplayGuard | undefined) {
  const authenticator = createClientAuthenticator({
    issuer: 'https://auth.example.com',
    clients: { find: async () => client },
    methods: [once],
    uses: noCredentialUses,
    replays,
    clock: { now: () => 1000 },
    emit: () => undefined,
  })
  const request = { form: formOf({}), authorization: undefined, requestId: 'one' }
  return async () => {
    const { claimOnce } = await authenticator.authenticate(request, () => undefined)
    if (claimOnce === undefined) throw new Error('there is nothing to be claimed')
    return { claimOnce }
  }
}

describe('credentials that may be used once', () => {
  it('are claimed when the endpoint says so, and not before', async () => {
    const authenticate = ask(rememberingGuard())
    await authenticate()
    const { claimOnce } = await authenticate()
    await expect(claimOnce()).resolves.toBeUndefined()
  })

  it('let one of fifty pass', async () => {
    const authenticate = ask(rememberingGuard())
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, async () => (await authenticate()).claimOnce()),
    )
    const refusals = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(refusals).toHaveLength(49)
    for (const { reason } of refusals) expect(reason).toMatchObject({ code: 'invalid_client' })
  })

  it('do not pass where nothing guards against replays', async () => {
    const { claimOnce } = await ask(undefined)()
    await expect(claimOnce()).rejects.toMatchObject({ code: 'invalid_client' })
  })

  it.each([
    ['fails', () => Promise.reject(new Error('away'))],
    ['answers neither yes nor no', () => Promise.resolve('OK' as unknown as boolean)],
  ])('are neither good nor bad where the guard %s', async (_how, claim) => {
    const { claimOnce } = await ask(guardReplays({ claim }))()
    await expect(claimOnce()).rejects.toMatchObject({ code: 'temporarily_unavailable' })
  })
})
