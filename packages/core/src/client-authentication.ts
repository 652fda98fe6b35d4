import { createAssertionKeys } from './client-auth/assertion-keys.ts'
import { clientAssertion } from './client-auth/client-assertion.ts'
import type { ClientAuthMethod } from './client-auth/client-auth-method.ts'
import type { SecretCheck } from './client-auth/client-secret.ts'
import { clientSecretBasic } from './client-auth/client-secret-basic.ts'
import { clientSecretPost } from './client-auth/client-secret-post.ts'
import { createKeySets } from './client-auth/key-sets.ts'
import { tlsClientAuth } from './client-auth/tls-client-auth.ts'
import type { AssertionAlgorithm } from './domain/client-auth-methods.ts'
import { SIGNING_ALGORITHMS } from './domain/signing-key.ts'
import { guardAssertionKeys, guardDocuments, guardKeySets, guardSeal } from './guarded-ports.ts'
import { SHARED_SECRET_ALGORITHMS } from './jose/shared-secret-key.ts'
import type { ResolvedOptions } from './options.ts'

/** What {@link createAuthentication} takes. */
export interface AuthenticationDeps
  extends Pick<
    ResolvedOptions,
    'issuer' | 'clock' | 'replays' | 'remoteDocuments' | 'secretSeal' | 'maxAssertionLifetime' | 'mutualTls'
  > {
  readonly checkSecret: SecretCheck
  readonly tokenEndpoints: readonly string[]
}

/** The ways in which clients may authenticate. */
export interface Authentication {
  /** One of them is looked for in each request. */
  readonly methods: readonly ClientAuthMethod[]
  /** By which assertions may be signed; absent where none is taken. */
  readonly assertionAlgorithms: readonly AssertionAlgorithm[] | undefined
}

/** Puts the methods together that a server's options allow. */
export function createAuthentication(deps: AuthenticationDeps): Authentication {
  const { issuer, clock, replays, secretSeal, mutualTls, checkSecret, tokenEndpoints, maxAssertionLifetime } = deps
  const documents = deps.remoteDocuments && guardDocuments(deps.remoteDocuments)
  const keySets = guardKeySets(createKeySets({ documents, clock }))
  const seal = secretSeal && guardSeal(secretSeal)
  // Without a guard an assertion would pass again and again: it is still seen, so that it is not overlooked beside another.
  const takesAssertions = replays !== undefined
  return {
    methods: [
      clientSecretBasic(checkSecret),
      clientSecretPost(checkSecret),
      clientAssertion({
        names: takesAssertions ? ['private_key_jwt', ...(seal ? (['client_secret_jwt'] as const) : [])] : [],
        keys: guardAssertionKeys(createAssertionKeys({ keySets, seal, algorithms: SIGNING_ALGORITHMS })),
        issuer,
        tokenEndpoints,
        longestLifetime: maxAssertionLifetime,
        issuerAlone: false,
      }),
      ...(mutualTls ? [tlsClientAuth(keySets)] : []),
    ],
    assertionAlgorithms: takesAssertions
      ? [...SIGNING_ALGORITHMS, ...(seal ? SHARED_SECRET_ALGORITHMS : [])]
      : undefined,
  }
}
