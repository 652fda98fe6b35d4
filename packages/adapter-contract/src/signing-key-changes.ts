import type { SigningKeyRecord, SigningKeySet, SigningKeyStore } from '@latchkey/core'
import { freshName } from './fresh.ts'
import { LIVE } from './times.ts'

/** Enough for a store on which everything else changes the set at the same time. */
const ATTEMPTS = 500

/** Looks and changes until no other change came in between. Answers the set that it was decided on. */
export async function changed(
  keys: SigningKeyStore,
  change: (generation: number) => Promise<boolean>,
): Promise<SigningKeySet> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const set = await keys.list()
    if (await change(set.generation)) return set
  }
  throw new Error(`of ${ATTEMPTS} changes, each of the generation of its moment, none was let through`)
}

/** Races for a generation until it was the present one. */
export async function untilSomebodyWins(
  keys: SigningKeyStore,
  raceFor: (generation: number) => Promise<readonly boolean[]>,
): Promise<readonly boolean[]> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const answers = await raceFor((await keys.list()).generation)
    if (answers.some(Boolean)) return answers
  }
  throw new Error(`in ${ATTEMPTS} races, each for the generation of its moment, nobody won`)
}

/** The key of a set, if it is there. */
export const keyIn = ({ keys }: SigningKeySet, kid: string): SigningKeyRecord | undefined =>
  keys.find((key) => key.kid === kid)

/** A key that nobody has added yet. */
export const signingKey = (): SigningKeyRecord => ({
  kid: freshName('Kid'),
  alg: 'ES256',
  publicKey: { kty: 'EC', crv: 'P-256', x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU', y: '__proto__' },
  createdAt: 0,
  signsFrom: LIVE,
  sealed: "v1.';DROP TABLE signing_keys;--.$1.%s.{tag}",
})

/** Members as long as a key of 8192 bits makes them. */
export const LONG: Pick<SigningKeyRecord, 'alg' | 'publicKey' | 'sealed'> = {
  alg: 'RS512',
  publicKey: { kty: 'RSA', n: 'n_-9'.repeat(342), e: 'AQAB' },
  sealed: `v1.${'Az0_-'.repeat(2000)}`,
}
