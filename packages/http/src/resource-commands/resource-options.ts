import { ACCESS_TOKEN_FORMATS, type JsonObject, type JsonValue, SIGNING_ALGORITHMS } from '@latchkey/core'
import { type Command, Option } from 'commander'
import { json, seconds, words } from '../cli/option-values.ts'

/** What may be said of a resource on the command line. */
export interface ResourceOptions {
  readonly name?: string
  readonly scope?: readonly string[]
  readonly tokenFormat?: string
  readonly tokenTtl?: number
  readonly signingAlg?: string
  readonly encryption?: JsonValue
  readonly claims?: JsonValue
}

/** Gives a command the options that say what a resource is. */
export function withResourceOptions(command: Command): Command {
  return command
    .option('--name <text>', 'your words for it')
    .addOption(new Option('--scope <scope>', 'a scope that means something to it; may be given again').argParser(words))
    .addOption(
      new Option('--token-format <format>', "what the tokens for it are, over the client's and the server's").choices(
        ACCESS_TOKEN_FORMATS,
      ),
    )
    .option(
      '--token-ttl <seconds>',
      'lifetime of the tokens for it; where the client has one too, the shorter counts',
      seconds,
    )
    .addOption(
      new Option('--signing-alg <algorithm>', 'how the tokens for it are signed; they must be JWTs').choices(
        SIGNING_ALGORITHMS,
      ),
    )
    .option('--encryption <json>', 'alg, enc and its public key, to which the tokens for it, JWTs, are encrypted', json)
    .option('--claims <json>', 'what each token for it carries: a JSON object', json)
}

/** The options in the words of the clients file: the members that were given. */
export function metadataOfOptions(options: ResourceOptions): JsonObject {
  const { name, scope, tokenFormat, tokenTtl, signingAlg, encryption, claims } = options
  return {
    ...(name !== undefined && { resource_name: name }),
    ...(scope !== undefined && { scopes: scope }),
    ...(tokenFormat !== undefined && { access_token_format: tokenFormat }),
    ...(tokenTtl !== undefined && { access_token_ttl: tokenTtl }),
    ...(signingAlg !== undefined && { access_token_signing_alg: signingAlg }),
    ...(encryption !== undefined && { access_token_encryption: encryption }),
    ...(claims !== undefined && { claims }),
  }
}
