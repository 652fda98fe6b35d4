import { CLIENT_AUTH_METHODS, type JsonObject, type JsonValue } from '@latchkey/core'
import { type Command, Option } from 'commander'
import { json, listOption, seconds, words } from '../cli/option-values.ts'
import { WrongCall } from '../cli/wrong-call.ts'

/** What may be said of a client on the command line. */
export interface ClientOptions {
  readonly name?: string
  readonly scope?: readonly string[]
  readonly disabledScope?: readonly string[]
  readonly defaultScope?: readonly string[]
  readonly scopePolicy?: string
  readonly tokenTtl?: number
  readonly tokenFormat?: string
  readonly claims?: JsonValue
  readonly introspect?: string
  readonly resourceServerFor?: readonly string[]
  readonly resource?: readonly string[]
  readonly authMethod?: string
  readonly authSigningAlg?: string
  readonly legacyAssertionAudience?: boolean
  readonly certificateBoundTokens?: boolean
  readonly dpopBoundTokens?: boolean
  readonly dpopNonce?: boolean
}

/** Gives a command the options that say what a client is. */
export function withClientOptions(command: Command): Command {
  return command
    .option('--name <text>', 'your words for it')
    .addOption(listOption('--scope <scope>', 'a scope that it holds; may be given again').argParser(words))
    .addOption(listOption('--disabled-scope <scope>', 'a scope that it holds and may not use').argParser(words))
    .addOption(listOption('--default-scope <scope>', 'what it gets when it asks for no scope').argParser(words))
    .addOption(
      new Option('--scope-policy <policy>', 'what a request for a disabled scope gets: a refusal, or the rest').choices(
        ['strict', 'reduce'],
      ),
    )
    .option('--token-ttl <seconds>', "lifetime of its tokens, over the server's own", seconds)
    .addOption(
      new Option('--token-format <format>', "what its tokens are, over the server's own").choices(['opaque', 'jwt']),
    )
    .option('--claims <json>', 'what each of its tokens carries: a JSON object', json)
    .addOption(new Option('--introspect <tokens>', 'which tokens it may introspect').choices(['own', 'any']))
    .addOption(listOption('--resource-server-for <audience>', 'an API that it is: it may introspect its tokens'))
    .addOption(listOption('--resource <identifier>', 'a resource that it may get tokens for; may be given again'))
    .option('--auth-method <method>', `the one method that it may use: ${CLIENT_AUTH_METHODS.join(', ')}`)
    .option('--auth-signing-alg <alg>', 'the one algorithm by which it may sign its assertions')
    .option('--legacy-assertion-audience', 'its assertions may name the token endpoint, rather than the issuer')
    .option('--dpop-bound-tokens', 'it gets tokens that are bound to its key by DPoP, and no other')
    .option('--certificate-bound-tokens', 'it gets tokens that are bound to its certificate, and no other')
    .option('--dpop-nonce', 'its DPoP proofs must hold a nonce of the server')
}

/** The options in the words of the clients file: the members that were given. */
export function metadataOfOptions(options: ClientOptions): JsonObject {
  const { name, scope, disabledScope, defaultScope, scopePolicy, tokenTtl, introspect, authMethod } = options
  const { resourceServerFor, resource, tokenFormat, claims, dpopBoundTokens, dpopNonce } = options
  const { authSigningAlg, legacyAssertionAudience, certificateBoundTokens } = options
  return {
    ...(name !== undefined && { client_name: name }),
    ...((scope ?? disabledScope) !== undefined && { scopes: scopesOf(scope, disabledScope) }),
    ...(defaultScope !== undefined && { default_scopes: defaultScope }),
    ...(scopePolicy !== undefined && { scope_policy: scopePolicy }),
    ...(tokenTtl !== undefined && { access_token_ttl: tokenTtl }),
    ...(tokenFormat !== undefined && { access_token_format: tokenFormat }),
    ...(claims !== undefined && { claims }),
    ...(introspect !== undefined && { introspect }),
    ...(resourceServerFor !== undefined && { resource_server_for: resourceServerFor }),
    ...(resource !== undefined && { resources: resource }),
    ...(authMethod !== undefined && { token_endpoint_auth_method: authMethod }),
    ...(authSigningAlg !== undefined && { token_endpoint_auth_signing_alg: authSigningAlg }),
    ...(legacyAssertionAudience !== undefined && { legacy_assertion_audience: legacyAssertionAudience }),
    ...(certificateBoundTokens !== undefined && { tls_client_certificate_bound_access_tokens: certificateBoundTokens }),
    ...(dpopBoundTokens !== undefined && { dpop_bound_access_tokens: dpopBoundTokens }),
    ...(dpopNonce !== undefined && { dpop_nonce_required: dpopNonce }),
  }
}

function scopesOf(
  enabled: readonly string[] = [],
  disabled: readonly string[] = [],
): Readonly<Record<string, boolean>> {
  const both = enabled.find((name) => disabled.includes(name))
  if (both !== undefined)
    throw new WrongCall([`the scope ${JSON.stringify(both)} is given by --scope and by --disabled-scope`])
  return Object.fromEntries([
    ...enabled.map((name) => [name, true] as const),
    ...disabled.map((name) => [name, false] as const),
  ])
}
