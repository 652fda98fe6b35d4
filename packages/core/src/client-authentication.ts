import { createAssertionKeys } from './client-auth/assertion-keys.ts'
import { clientAssertion } from './client-auth/client-assertion.ts'
import type { ClientAuthMethod } from './client-auth/client-auth-method.ts'
import type { SecretCheck } from './client-auth/client-secret.ts'
import { clientSecretBasic } from './client-auth/client-secret-basic.ts'
import { clientSecretPost } from './client-auth/client-secret-post.ts'
import { createKeySets } from './client-auth/key-sets.ts'
import { tlsClientAuth } from './client-auth/tls-client-auth.ts'
import type { AssertionAlgorithm } from './domain/client-auth-methods.ts'
import { SHARED_SECRET_ALGORITHMS } from './domain/shared-secret-algorithms.ts'
import { guardAssertionKeys, guardDocuments, guardKeySets, guardSeal } from './guarded-ports.ts'
import type { ResolvedOptions } from './options.ts'
import { algorithmsOf } from './profile.ts'

/** What {@link createAuthentication} takes. */
export interface AuthenticationDeps
  extends Pick<
    ResolvedOptions,
    'issuer' | 'clock' | 'replays' | 'remoteDocuments' | 'secretSeal' | 'maxAssertionLifetime' | 'mutualTls' | 'profile'
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
  /** What stands against secrets that a calling program presents; absent where secrets are taken. */
  readonly secretsRefused: ClientAuthMethod | undefined
}

/** Puts the methods together that a server's options allow. */
export function createAuthentication(deps: AuthenticationDeps): Authentication {
  const { issuer, clock, replays, secretSeal, mutualTls, checkSecret, tokenEndpoints, maxAssertionLifetime } = deps
  const isProfiled = deps.profile !== undefined
  const documents = deps.remoteDocuments && guardDocuments(deps.remoteDocuments)
  const keySets = guardKeySets(createKeySets({ documents, clock }))
  const seal = isProfiled ? undefined : secretSeal && guardSeal(secretSeal)
  // Without a guard an assertion would pass again and again: it is still seen, so that it is not overlooked beside another.
  const takesAssertions = replays !== undefined
  const algorithms = [...algorithmsOf(deps.profile), ...(seal ? SHARED_SECRET_ALGORITHMS : [])]
  const bySecret = [clientSecretBasic(checkSecret), clientSecretPost(checkSecret)].map((method) =>
    isProfiled ? { ...method, names: [], refused: NO_SECRETS } : method,
  )
  return {
    methods: [
      ...bySecret,
      clientAssertion({
        names: takesAssertions ? ['private_key_jwt', ...(seal ? (['client_secret_jwt'] as const) : [])] : [],
        keys: guardAssertionKeys(createAssertionKeys({ keySets, seal, algorithms: algorithmsOf(deps.profile) })),
        algorithms,
        issuer,
        tokenEndpoints,
        longestLifetime: maxAssertionLifetime,
        issuerAlone: isProfiled,
        ownAlone: isProfiled,
      }),
      ...(mutualTls ? [tlsClientAuth(keySets)] : []),
    ],
    assertionAlgorithms: takesAssertions ? algorithms : undefined,
    secretsRefused: isProfiled ? bySecret[0] : undefined,
  }
}

const NO_SECRETS = 'the profile of this server takes no secrets'
