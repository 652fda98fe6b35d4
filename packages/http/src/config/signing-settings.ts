import { SHARED_SECRET_ALGORITHMS, SIGNING_ALGORITHMS } from '@latchkey/core'
import type { SettingName } from './given-settings.ts'
import { JWT_ENCRYPTIONS, masterKey, oneOf, type Setting, signingAlgorithms, text } from './setting.ts'

type SigningSettingName = Extract<
  SettingName,
  `LATCHKEY_SIGNING_${string}` | `LATCHKEY_JWT_${string}` | `LATCHKEY_MASTER_KEY${string}`
>

/** The settings by which JWTs are signed and encrypted, and the keys for it are kept. */
export const SIGNING_SETTINGS: Readonly<Record<SigningSettingName, Setting>> = {
  LATCHKEY_SIGNING_ALG: {
    value: '<algorithms>',
    fallback: 'as before, and `ES256` for the first key; what is usual for `LATCHKEY_SIGNING_KEY`',
    meaning: `How JWTs are signed: ${SIGNING_ALGORITHMS.map((alg) => `\`${alg}\``).join(', ')}; or, with \`LATCHKEY_JWT_SECRET\`, ${SHARED_SECRET_ALGORITHMS.map((alg) => `\`${alg}\``).join(', ')}. Another one than before is announced first, and signs some minutes later. Of a list, divided by commas, the first is the server’s own, and the others are for resources that want them.`,
    read: signingAlgorithms,
  },
  LATCHKEY_SIGNING_KEY: {
    value: '<path>',
    fallback: 'none: keys are made, kept in the client storage, and rotated',
    meaning:
      'A key of your own to sign JWTs with: a file with a private key in PEM, a JWK, or a JWK Set whose first key signs and whose others are published; or its content itself. Nobody rotates it but you.',
    read: text,
  },
  LATCHKEY_JWT_SECRET: {
    value: '<secret>',
    fallback: 'none',
    meaning:
      'A secret that this server and all APIs share, to sign JWTs with `HS256`, `HS384` or `HS512`: at least 32, 48 or 64 bytes. Every API that can verify such a token can also make one.',
    read: text,
  },
  LATCHKEY_JWT_ENCRYPTION: {
    value: '<algorithms>',
    fallback: 'none: JWTs are signed and can be read',
    meaning: `Encrypts JWTs, once signed, with a key that the APIs share: ${JWT_ENCRYPTIONS.map((name) => `\`${name}\``).join(', ')}.`,
    read: oneOf(JWT_ENCRYPTIONS),
  },
  LATCHKEY_JWT_ENCRYPTION_KEY: {
    value: '<key>',
    fallback: 'none',
    meaning: 'The key of `LATCHKEY_JWT_ENCRYPTION`: 32 bytes in base64url, 16 for `dir+A128GCM`.',
    read: text,
  },
  LATCHKEY_MASTER_KEY: {
    value: '<key>',
    fallback:
      'none; a storage that outlives this process then keeps no signing keys, and no secrets of clients that sign with them',
    meaning:
      'What signing keys, and the secrets of clients with `client_secret_jwt`, are encrypted with in the client storage: 32 random bytes in base64url, the same on every node.',
    read: masterKey,
  },
  LATCHKEY_MASTER_KEY_PREVIOUS: {
    value: '<key>',
    fallback: 'none',
    meaning:
      'The master key of before, as long as some signing keys, or secrets of clients, are still encrypted with it.',
    read: masterKey,
  },
}
