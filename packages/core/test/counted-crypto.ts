import { vi } from 'vitest'

/** What the code under test asked of the cryptography. */
export interface Work {
  /** The secrets that a key was derived from. */
  readonly derived: string[]
  /** The texts that were hashed with SHA-256. */
  readonly hashed: string[]
  compared: number
}

/** Decides when, and how, a derivation ends. At once and truly unless a test says otherwise. */
export interface Derivations {
  answer: (secret: string, phc: string) => Promise<boolean>
}

/** A hash as the derivations here understand it: it costs nothing, and says which secret it is of. */
export const fakeHashOf = (secret: string): `$scrypt$${string}` => {
  const text = Buffer.from(secret).toString('base64').replaceAll('=', '')
  if (text.length > 43) throw new RangeError('a secret of at most 32 characters')
  return `$scrypt$ln=15,r=8,p=3$${'B'.repeat(22)}$${text.padEnd(43, '/')}`
}

/** The core, loaded afresh with a cryptography that counts, and in which a derivation costs nothing. */
export async function loadWithCountedCrypto() {
  const work: Work = { derived: [], hashed: [], compared: 0 }
  const derivations: Derivations = { answer: async (secret, phc) => fakeHashOf(secret) === phc }
  vi.resetModules()
  vi.doMock('../src/crypto.ts', async (load) => {
    const actual = await load<typeof import('../src/crypto.ts')>()
    return {
      ...actual,
      sha256(text: string) {
        work.hashed.push(text)
        return actual.sha256(text)
      },
      digestsEqual(a: string, b: string) {
        work.compared += 1
        return actual.digestsEqual(a, b)
      },
      scryptMatches(secret: string, phc: string) {
        work.derived.push(secret)
        return derivations.answer(secret, phc)
      },
    }
  })
  const core = await import('../src/index.ts')
  const { createHumanChosenSecrets } = await import('../src/client-auth/human-chosen-secret.ts')
  const { createSecretCheck } = await import('../src/client-auth/client-secret.ts')
  const { findByGeneratedSecret } = await import('../src/client-auth/generated-secret.ts')
  vi.doUnmock('../src/crypto.ts')
  vi.resetModules()
  const reset = () => {
    work.derived.length = 0
    work.hashed.length = 0
    work.compared = 0
    derivations.answer = async (secret, phc) => fakeHashOf(secret) === phc
  }
  return { work, derivations, reset, core, createHumanChosenSecrets, createSecretCheck, findByGeneratedSecret }
}
