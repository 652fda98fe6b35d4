import { describe, expect, it } from 'vitest'
import { clientOfFile } from '../../src/client-auth/client-of-file.ts'
import { scryptMatches } from '../../src/crypto.ts'
import type { Client, ClientDefinition, RegisteredSecret } from '../../src/index.ts'
import { defineClient } from '../../src/index.ts'
import { CHOSEN, credentialOf, REPORTS, STRANGER } from '../test-server.ts'

const ofFile = (definition: Partial<ClientDefinition>, ...secrets: RegisteredSecret[]) =>
  clientOfFile({ definition: { id: 'reports', ...definition }, secrets, credentials: [] })

const hashesOf = ({ credentials }: Pick<Client, 'credentials'>): readonly (string | undefined)[] =>
  credentials.map((credential) => (credential.kind === 'secret' ? credential.hash : undefined))

const FILED = { ...credentialOf(REPORTS), origin: 'file' } as const
const OPERATORS = { ...credentialOf(STRANGER), label: 'by hand' } as const
const FILED_CHOSEN = { kind: 'secret', id: 'secret', origin: 'file', hash: CHOSEN.hash } as const

const existing = (more: Partial<ClientDefinition> = {}): Client => defineClient({ id: 'reports', version: 7, ...more })

describe('a client of a file', () => {
  it('is made of the file alone where there is none, and its credentials are marked', async () => {
    const client = await ofFile({ scopes: { read: true } }, { value: REPORTS.secret, label: 'L' }).basedOn(undefined)
    expect(client).toEqual(
      defineClient({ id: 'reports', scopes: { read: true }, credentials: [{ ...FILED, label: 'L' }] }),
    )
  })

  it('takes the members that the file names, and leaves all others', async () => {
    const before = existing({
      name: 'by hand',
      enabled: false,
      tokensValidFrom: 9,
      scopes: { old: true },
      accessTokenLifetimeSeconds: 60,
    })
    const after = await ofFile({ scopes: { read: true }, accessTokenLifetimeSeconds: 30 }).basedOn(before)
    expect(after).toEqual({ ...before, scopes: [{ name: 'read', enabled: true }], accessTokenLifetimeSeconds: 30 })
  })

  it('is the same in every member when the file says nothing new', async () => {
    const file = ofFile({ scopes: { read: true } }, { value: REPORTS.secret }, { hash: CHOSEN.hash })
    const first = await file.basedOn(undefined)
    expect(await file.basedOn(first)).toEqual(first)
    const between = { ...first, credentials: [OPERATORS, ...first.credentials.toReversed()] }
    expect(await file.basedOn(between)).toEqual(between)
  })

  it('keeps the hash of a chosen secret that still matches', async () => {
    const before = existing({ credentials: [FILED_CHOSEN] })
    expect(await ofFile({}, { value: CHOSEN.secret }).basedOn(before)).toEqual(before)
  })

  it('puts a changed secret in the place of the one before at once, under an id that was never used', async () => {
    const before = existing({ credentials: [FILED_CHOSEN, OPERATORS] })
    const { credentials } = await ofFile({}, { value: 'another secret' }).basedOn(before)
    expect(credentials).toEqual([
      OPERATORS,
      { kind: 'secret', id: expect.stringMatching(/^secret-[A-Za-z0-9]{8}$/), origin: 'file', hash: expect.anything() },
    ])
    expect(await scryptMatches('another secret', hashesOf({ credentials })[1] ?? '')).toBe(true)
  })

  it('knows its secret again, whichever id it has by now', async () => {
    const file = ofFile({}, { value: 'another secret' })
    const changed = await file.basedOn(existing({ credentials: [FILED_CHOSEN] }))
    expect(await ofFile({}, { value: 'another secret' }).basedOn(changed)).toEqual(changed)
  })

  it('replaces one generated secret by another', async () => {
    const before = existing({ credentials: [FILED] })
    const { credentials } = await ofFile({}, { value: STRANGER.secret }).basedOn(before)
    expect(credentials).toEqual([{ ...credentialOf(STRANGER), origin: 'file' }])
  })

  it('takes away what it made and the file has no longer, and nothing else', async () => {
    const before = existing({ credentials: [FILED, OPERATORS] })
    expect((await ofFile({}).basedOn(before)).credentials).toEqual([OPERATORS])
  })

  it('brings label, times and id of a secret to the words of the file', async () => {
    const before = existing({ credentials: [{ ...FILED_CHOSEN, label: 'old', expiresAt: 5 }] })
    const after = await ofFile({}, { hash: CHOSEN.hash, id: 'named', notBefore: 3 }).basedOn(before)
    expect(after.credentials).toEqual([{ ...FILED_CHOSEN, id: 'named', notBefore: 3 }])
  })

  it('adopts a secret that an operator added too, rather than hold it twice', async () => {
    const before = existing({ credentials: [{ ...OPERATORS, label: 'by hand' }] })
    const { credentials } = await ofFile({}, { value: STRANGER.secret }).basedOn(before)
    expect(credentials).toEqual([{ ...credentialOf(STRANGER), origin: 'file' }])
  })

  it('prefers its own to that of an operator, which is left alone', async () => {
    const byHand = { kind: 'secret', id: 'by-hand', hash: CHOSEN.hash, expiresAt: 5 } as const
    const before = existing({ credentials: [byHand, { ...FILED_CHOSEN, notBefore: 5 }] })
    expect(await ofFile({}, { hash: CHOSEN.hash, notBefore: 5 }).basedOn(before)).toEqual(before)
  })

  it('derives each key once, however often somebody else is quicker', async () => {
    const file = ofFile({}, { value: 'another secret' })
    const before = existing({ credentials: [FILED_CHOSEN] })
    const [first, again] = [await file.basedOn(before), await file.basedOn({ ...before, version: 8 })]
    expect(hashesOf(again)).toEqual(hashesOf(first))
    expect(hashesOf(first)).toEqual([expect.stringMatching(/^\$scrypt\$/)])
  })

  it('has one set of keys, one name and one issuer, each in the place of what it said before', async () => {
    const keysAt = (uri: string) =>
      clientOfFile({
        definition: { id: 'reports' },
        secrets: [],
        credentials: [{ kind: 'jwks_uri', id: 'jwks_uri', uri }],
      })
    const first = await keysAt('https://a.example/jwks').basedOn(existing({ credentials: [OPERATORS] }))
    const ofFirst = { kind: 'jwks_uri', id: 'jwks_uri', origin: 'file', uri: 'https://a.example/jwks' } as const
    expect(first.credentials).toEqual([OPERATORS, ofFirst])
    expect(await keysAt('https://a.example/jwks').basedOn(first)).toEqual(first)
    const second = await keysAt('https://b.example/jwks').basedOn(first)
    expect(second.credentials).toEqual([OPERATORS, { ...ofFirst, uri: 'https://b.example/jwks' }])
    expect((await ofFile({}).basedOn(second)).credentials).toEqual([OPERATORS])
  })

  it("leaves an operator's keys alone that have the id which its own would have", async () => {
    const byHand = { kind: 'jwks_uri', id: 'jwks_uri', uri: 'https://a.example/jwks' } as const
    const file = clientOfFile({ definition: { id: 'reports' }, secrets: [], credentials: [byHand] })
    expect((await file.basedOn(existing({ credentials: [byHand] }))).credentials).toEqual([
      byHand,
      { ...byHand, origin: 'file', id: expect.stringMatching(/^jwks_uri-[A-Za-z0-9]{8}$/) },
    ])
  })

  it('names what the domain refuses of both together', async () => {
    const before = existing({ scopes: { read: true, write: true }, defaultScopes: ['write'] })
    await expect(ofFile({ scopes: { read: true } }).basedOn(before)).rejects.toThrow(
      'client "reports": default scope "write" is not among its scopes',
    )
    const chosen = { kind: 'secret', id: 'by-hand', hash: CHOSEN.hash } as const
    await expect(ofFile({}, { value: 'another secret' }).basedOn(existing({ credentials: [chosen] }))).rejects.toThrow(
      'at most one secret that a person chose',
    )
  })
})
