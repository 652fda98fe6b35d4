import { describe, expect, it } from 'vitest'
import { findByGeneratedSecret, generateSecret } from '../../src/client-auth/generated-secret.ts'
import { sha256 } from '../../src/crypto.ts'
import { credentialIdIn } from '../../src/protocol/generated-secret-format.ts'
import { CHOSEN, credentialOf, REPORTS, reports, STRANGER } from '../test-server.ts'

describe('generateSecret', () => {
  it('makes a secret that names its credential, and a hash that tells nothing of it', () => {
    const { secret, credentialId, hash } = generateSecret()
    expect(credentialIdIn(secret)).toBe(credentialId)
    expect(hash).toBe(`$sha256$id=${credentialId}$${sha256(secret)}`)
    expect(hash).not.toContain(secret.slice(18, 61))
  })

  it('never makes the same twice', () => {
    const all = Array.from({ length: 1000 }, generateSecret)
    expect(new Set(all.map(({ secret }) => secret)).size).toBe(1000)
    expect(new Set(all.map(({ credentialId }) => credentialId)).size).toBe(1000)
  })
})

describe('findByGeneratedSecret', () => {
  const live = credentialOf(REPORTS)
  const client = reports({
    credentials: [credentialOf(STRANGER), { kind: 'secret', id: 'chosen', hash: CHOSEN.hash }, live],
  })

  it('finds the credential that is named among many', () => {
    expect(findByGeneratedSecret(client, REPORTS.credentialId, REPORTS.secret)).toEqual(live)
  })

  it('finds none for another secret that names it, for one that nobody holds, and for no client', () => {
    expect(findByGeneratedSecret(client, REPORTS.credentialId, STRANGER.secret)).toBeUndefined()
    expect(findByGeneratedSecret(reports(), STRANGER.credentialId, STRANGER.secret)).toBeUndefined()
    expect(findByGeneratedSecret(undefined, REPORTS.credentialId, REPORTS.secret)).toBeUndefined()
  })

  it('finds none where a credential of that id holds a secret that a person chose', () => {
    const namesake = reports({ credentials: [{ kind: 'secret', id: REPORTS.credentialId, hash: CHOSEN.hash }] })
    expect(findByGeneratedSecret(namesake, REPORTS.credentialId, REPORTS.secret)).toBeUndefined()
  })
})
