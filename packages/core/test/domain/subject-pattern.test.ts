import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesSubject } from '../../src/domain/subject-pattern.ts'

describe('a pattern of subjects', () => {
  it.each<[string, string]>([
    ['system:serviceaccount:jobs:nightly', 'system:serviceaccount:jobs:nightly'],
    ['system:serviceaccount:jobs:*', 'system:serviceaccount:jobs:nightly'],
    ['system:serviceaccount:*:nightly', 'system:serviceaccount:jobs:nightly'],
    ['repo:acme/tool:ref:refs/heads/*', 'repo:acme/tool:ref:refs/heads/main'],
    ['repo:acme/*:environment:production', 'repo:acme/tool:environment:production'],
    ['spiffe://example/ns/*/sa/reports', 'spiffe://example/ns/jobs/sa/reports'],
    ['a-*-b', 'a--b'],
    ['*a*b*', 'xaybz'],
    ['*a*a', 'aaa'],
    ['job-*', 'job-'],
    ['a**b', 'ab'],
  ])('%s stands for %s', (pattern, subject) => {
    expect(matchesSubject(pattern, subject)).toBe(true)
  })

  it.each<[string, string]>([
    ['system:serviceaccount:jobs:*', 'system:serviceaccount:jobs:a:b'],
    ['system:serviceaccount:jobs:*', 'system:serviceaccount:jobs'],
    ['system:serviceaccount:jobs:*', 'system:serviceaccount:others:nightly'],
    ['system:serviceaccount:*', 'system:serviceaccount:jobs:nightly'],
    ['repo:acme/tool:ref:refs/heads/*', 'repo:acme/tool:ref:refs/heads/a/b'],
    ['repo:acme/*', 'repo:acme-evil/tool'],
    ['repo:acme*/tool', 'repo:acme/evil/tool'],
    ['repo:acme/tool:*', 'repo:acme/tool/pull'],
    ['a:b', 'a/b'],
    ['a*', 'b'],
    ['*a', 'ab'],
    ['a*a', 'a'],
    ['*ab*ab', 'ab'],
    ['a.c', 'abc'],
    ['a?c', 'abc'],
    ['[ab]', 'a'],
    ['A', 'a'],
    ['a', 'a\n'],
    ['job-*', 'xjob-1'],
  ])('%s does not stand for %s', (pattern, subject) => {
    expect(matchesSubject(pattern, subject)).toBe(false)
  })

  const text = fc.string({ unit: fc.constantFrom('a', 'b', ':', '/', '*', '.', '\\', '$', '\n') })

  it('stands for what a regular expression stands for, in which every other character is itself', () => {
    fc.assert(
      fc.property(text, text, (pattern, subject) => {
        const escaped = pattern.replace(/[.\\$]/g, '\\$&').replaceAll('*', '[^:/]*')
        expect(matchesSubject(pattern, subject)).toBe(new RegExp(`^${escaped}$(?!\n)`, 'u').test(subject))
      }),
      { numRuns: 2000 },
    )
  })

  it('stands for itself, and takes no longer for it to be long', () => {
    fc.assert(
      fc.property(text, (name) => {
        const subject = name.replaceAll('*', 'x')
        expect(matchesSubject(subject, subject)).toBe(true)
      }),
    )
    expect(matchesSubject(`${'*a'.repeat(500)}b`, 'a'.repeat(20_000))).toBe(false)
  })
})
