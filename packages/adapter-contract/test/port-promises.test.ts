import { readdirSync, readFileSync } from 'node:fs'
import {
  adapterContract,
  clientChangesBetweenNodesContract,
  clientChangesContract,
  clientRegistryContract,
  clientRepositoryContract,
  credentialUsesAndClientsContract,
  credentialUsesContract,
  firstMigrationsContract,
  migrationsContract,
  openAdapterContract,
  replayGuardContract,
  resourceRegistryContract,
  resourceRepositoryContract,
  signingKeyStoreContract,
  statusIndexesContract,
  sweeperAndReplaysContract,
  sweeperAndStatusIndexesContract,
  sweeperAndTokensContract,
  tokenStoreContract,
} from '@latchkey/adapter-contract'
import { describe, expect, it } from 'vitest'

const PORTS = new URL('../../core/src/ports/', import.meta.url)

interface Promising {
  readonly promise: string
}

/** The cases that concern a port, by the file that declares it. */
const CONTRACTS: Readonly<Record<string, readonly Promising[]>> = {
  'adapter.ts': [...adapterContract, ...openAdapterContract],
  'client-changes.ts': [...clientChangesContract, ...clientChangesBetweenNodesContract],
  'client-registry.ts': clientRegistryContract,
  'client-repository.ts': clientRepositoryContract,
  'credential-uses.ts': [...credentialUsesContract, ...credentialUsesAndClientsContract],
  'migrations.ts': [...migrationsContract, ...firstMigrationsContract],
  'replay-guard.ts': [...replayGuardContract, ...sweeperAndReplaysContract],
  'resource-registry.ts': resourceRegistryContract,
  'resource-repository.ts': resourceRepositoryContract,
  'signing-key-store.ts': signingKeyStoreContract,
  'status-indexes.ts': [...statusIndexesContract, ...sweeperAndStatusIndexesContract],
  'sweeper.ts': [...sweeperAndTokensContract, ...sweeperAndReplaysContract],
  'token-store.ts': [...tokenStoreContract, ...sweeperAndTokensContract],
}

/** Ports that no adapter implements. */
const WITHOUT_CONTRACT: Readonly<Record<string, string>> = {
  'signer.ts': 'the key ring is one, and a program may bring its own; no adapter does',
  'remote-documents.ts': 'the service has one, with tests of its own, and a program may bring another; no adapter does',
  'secret-seal.ts': 'the core makes one of a master key, and a program may bring another; no adapter does',
  'clock.ts': 'a program brings its own; the core trusts it',
}

const BACKEND_AWAY = 'only the tests of an adapter can take its backend away or break its records'
const INTRODUCES = 'says what it is, and promises nothing'
const CALLER = 'the caller promises it'

/** What a contract does not check, and why. */
const UNCHECKED: Readonly<Record<string, string>> = {
  'What the service asks of an adapter module: the ports that it has, and its health and end of life': INTRODUCES,
  'Whether what it holds is gone when this process ends': 'the process would have to end',
  'the service warns about it at start': 'the service does',
  'Absent where there is nothing to prepare': INTRODUCES,
  'Until they are applied its other ports may fail': 'a freedom, of which the cases leave room',
  'What an operator should know before relying on it, a sentence each': INTRODUCES,
  'the service logs them at start': 'the service does',
  'Lets go of every connection and timer': 'only the tests of an adapter can count them',
  'Opens a backend by its address': INTRODUCES,
  "Exported as `openAdapter` by every adapter module, a user's own too": INTRODUCES,
  'Tells of clients that changed on any node, so that a cache can forget them': INTRODUCES,
  'Without it a cache lives by its bound': CALLER,
  'May tell more than once, and in vain': 'a freedom, of which the cases leave room',
  'never throws': CALLER,
  'when changes cannot be told': BACKEND_AWAY,
  'Which part of the registry to list': INTRODUCES,
  'Manages clients: what a command line needs on top of finding them': INTRODUCES,
  'Manages resources: what a command line needs on top of finding them': INTRODUCES,
  'Finds the resources that tokens may be meant for': INTRODUCES,
  'when the backend is away or full': BACKEND_AWAY,
  'when the backend is away': BACKEND_AWAY,
  'Finds the clients that may ask for tokens': INTRODUCES,
  'All that an embedding application must provide': INTRODUCES,
  'when the backend is away, or when its record cannot be read: broken is never "not found"': BACKEND_AWAY,
  'When each credential was last used': INTRODUCES,
  'Losing a batch loses no request': CALLER,
  'Claims a key, in one atomic step, as durably as a token is saved':
    'the race checks the step; the process would have to end',
  'when the backend is away or full: broken is never "not claimed yet"': BACKEND_AWAY,
  'Indices of one list that follow one another': INTRODUCES,
  'Hands out places in lists of revoked tokens, and remembers which of them were revoked': INTRODUCES,
  'Reserves `count` indices that follow one another, 1 to 4096 of them': CALLER,
  'Bytes at its end that hold no 1 may be missing': 'a freedom, of which the cases leave room',
  'when the backend is away or full: then the list still calls the token good, and the caller must say so':
    BACKEND_AWAY,
  'Holds the signing keys of a server': INTRODUCES,
  'when the backend is away, or when a record cannot be read: broken is never "there is none"': BACKEND_AWAY,
  'The steps that bring a backend to the form that this version of its adapter needs': INTRODUCES,
  'Forward only': INTRODUCES,
  'when the backend is away, or ahead by a step that this version cannot work with': BACKEND_AWAY,
  'when the backend is away, or ahead by a step that this version cannot work with, or when a step fails: then that step has changed nothing':
    BACKEND_AWAY,
  'Forgets what has expired': INTRODUCES,
  'Nothing depends on it but the space that is used': CALLER,
  'what expired within the last day may wait for a later call': 'a freedom, of which the cases leave room',
  'Works in steps small enough to disturb nobody': 'what is small depends on the backend',
  'Remembers reference tokens, and revocations of both kinds, until they expire': INTRODUCES,
  'whether a token is expired is not for the store to decide': CALLER,
  'The text of a record is well-formed Unicode without NUL, which core sees to, except inside `claims`': CALLER,
  'Only the order of members may change': 'a freedom, of which the cases leave room',
  'Resolves once the record outlives a crash of this process, as far as the backend promises durability at all':
    'the process would have to end',
  'Ids never repeat': CALLER,
  '`expiresAt` holds the margin for clocks that differ already': CALLER,
  'when the backend is away or full: then the token may still be good, and the caller must say so': BACKEND_AWAY,
  'when the backend is away: broken is never "not revoked"': BACKEND_AWAY,
}

/** The sentences of a file's doc comments, and their parts where a semicolon joins them. */
function sentencesOf(source: string): readonly string[] {
  const comments = [...source.matchAll(/\/\*\*(.*?)\*\//gs)].map(([, comment = '']) => comment)
  return comments
    .map((comment) => comment.replace(/^\s*\* ?/gm, ''))
    .flatMap((comment) => comment.split(/^\s*@(?:returns|throws|param \w+) /m))
    .flatMap((part) =>
      part
        .replace(/\s+/g, ' ')
        .trim()
        .split(/(?<=[.;]) /),
    )
    .map((sentence) => sentence.replace(/[.;]$/, ''))
    .filter((sentence) => sentence !== '')
}

const sourceOf = (file: string): string => readFileSync(new URL(file, PORTS), 'utf8')

describe('the comments of the ports', () => {
  it('belong to ports that have a contract, or a reason to have none', () => {
    const ports = readdirSync(PORTS).sort()
    expect(ports).toEqual([...Object.keys(CONTRACTS), ...Object.keys(WITHOUT_CONTRACT)].sort())
  })

  it.each(Object.keys(CONTRACTS))('promise nothing in %s that no case checks', (file) => {
    const checked = new Set(CONTRACTS[file]?.map(({ promise }) => promise))
    const sentences = sentencesOf(sourceOf(file))
    expect(sentences.length, 'no sentence was read').toBeGreaterThan(1)
    expect(sentences.filter((sentence) => !checked.has(sentence) && UNCHECKED[sentence] === undefined)).toEqual([])
  })

  it.each(Object.keys(CONTRACTS))('still say in %s what its cases check', (file) => {
    const elsewhere = Object.keys(CONTRACTS).flatMap((other) => sentencesOf(sourceOf(other)))
    const promises = CONTRACTS[file]?.map(({ promise }) => promise) ?? []
    expect(promises.filter((promise) => !elsewhere.includes(promise))).toEqual([])
  })

  it('still say what is explained as unchecked', () => {
    const sentences = Object.keys(CONTRACTS).flatMap((file) => sentencesOf(sourceOf(file)))
    expect(Object.keys(UNCHECKED).filter((sentence) => !sentences.includes(sentence))).toEqual([])
  })
})
