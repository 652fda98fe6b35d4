import { describe, expect, it } from 'vitest'
import { OAUTH_ERRORS } from '../packages/core/src/errors.ts'
import { CLIENT_METADATA_MEMBERS } from '../packages/core/src/protocol/client-metadata.ts'
import { RESOURCE_METADATA_MEMBERS } from '../packages/core/src/protocol/resource-metadata.ts'
import { SETTING_NAMES } from '../packages/http/src/config/settings.ts'
import { FILES, fencedBlocksIn, headingsIn, tableIn, textOf, unquoted } from './markdown.ts'

it('documents every error code with its status, and none that does not exist', () => {
  const documented = tableIn(textOf('docs/reference/errors.md'), 'Code').map(([code, status]) => [
    unquoted(code),
    Number(status),
  ])
  expect(Object.fromEntries(documented)).toEqual(OAUTH_ERRORS)
  expect(documented).toHaveLength(Object.keys(OAUTH_ERRORS).length)
})

it('tells for every error code when it comes and what to do', () => {
  for (const row of tableIn(textOf('docs/reference/errors.md'), 'Code'))
    expect(row.map((cell) => cell !== '')).toEqual([true, true, true, true])
})

describe('domain events', () => {
  const source = textOf('packages/core/src/domain/event.ts')
  const documented = tableIn(textOf('docs/reference/events.md'), '`type`')

  /** The types of the union, each with the members that it has beside the common ones. */
  const declared = new Map(
    [...source.matchAll(/interface \w+ extends EventBase \{\n(?<body>[\s\S]*?)\n\}/g)].flatMap(({ groups }) => {
      const [type = '', ...members] = (groups?.['body'] ?? '').split(/^ *readonly /m).slice(1)
      const names = members.map((member) => /^\w+/.exec(member)?.[0] ?? '').filter((name) => name !== 'clientId')
      return [...type.matchAll(/'(\w+)'/g)].map(([, name = '']) => [name, names] as const)
    }),
  )

  it('are found in the source', () => expect(declared.size).toBeGreaterThan(5))

  it('are documented, each with its members, and none that does not exist', () => {
    const told = documented.map(([type, , members = '']) => [
      unquoted(type),
      [...members.matchAll(/`(\w+)`/g)].map(([, name]) => name),
    ])
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(declared))
  })
})

it('documents every member of the clients file, and none that does not exist', () => {
  const documented = tableIn(textOf('docs/how-to/run-the-service.md'), 'Member').map(([member]) => unquoted(member))
  expect(documented.toSorted()).toEqual([...CLIENT_METADATA_MEMBERS].toSorted())
})

it('has an option of the command line for every member of the clients file, apart from those of secrets', () => {
  const page = textOf('docs/how-to/manage-clients.md')
  const told = [...tableIn(page, 'Option'), ...tableIn(page, 'Instead of a secret')].flatMap(([, members = '']) =>
    [...members.matchAll(/`([a-z_]+)`/g)].map(([, name]) => name),
  )
  // Commands of their own, another word for `scopes`, and the one grant that there is.
  const others = ['client_secret', 'client_secret_hash', 'client_secrets', 'enabled', 'scope', 'grant_types']
  expect(new Set([...told, ...others])).toEqual(new Set(CLIENT_METADATA_MEMBERS))
})

it('has an option of the command line for every member that a resource of the clients file has', () => {
  const told = tableIn(textOf('docs/how-to/manage-resources.md'), 'Option').flatMap(([, members = '']) =>
    [...members.matchAll(/`([a-z_]+)`/g)].map(([, name]) => name),
  )
  expect(new Set([...told, 'scope'])).toEqual(new Set(RESOURCE_METADATA_MEMBERS))
})

it('tells what to do about every reason for which an assertion is refused, and of none that there is not', () => {
  const PLACE = /\$\{name\}/
  const sources = ['client-auth/assertion-claims', 'client-auth/client-assertion', 'jose/jwt-claims', 'jose/verify-jws']
  const given = sources
    .flatMap((file) => [
      ...textOf(`packages/core/src/${file}.ts`).matchAll(/(['`])(?<reason>(?:its?|the client) [^'`]*)\1/g),
    ])
    .flatMap(({ groups }) => {
      const reason = groups?.['reason'] ?? ''
      return PLACE.test(reason) ? ['iat', 'nbf'].map((name) => reason.replace(PLACE, name)) : [reason]
    })
  const told = tableIn(textOf('docs/how-to/choose-how-clients-authenticate.md'), '`reason`').flatMap(([reasons = '']) =>
    [...reasons.matchAll(/`([^`]+)`/g)].map(([, reason = '']) => reason),
  )
  const ofOthers = /^(?:the credentials? |the client is |no such client|the keys that are |the metadata of )/
  expect(told.filter((reason) => !ofOthers.test(reason)).toSorted()).toEqual([...new Set(given)].toSorted())
})

describe('settings', () => {
  it('have each a section of the configuration reference, which has no other', () => {
    const sections = headingsIn(textOf('docs/reference/configuration.md')).map(unquoted)
    expect(sections.filter((heading) => heading.startsWith('LATCHKEY_'))).toEqual(SETTING_NAMES)
  })

  it('are drawn in the architecture, apart from those that are planned', () => {
    const row = tableIn(textOf('ARCHITECTURE.md'), 'What').find(([what]) => what === 'settings')
    const [there = '', planned = ''] = (row?.[1] ?? '').split('*Planned*')
    const named = (text: string) => [...text.matchAll(/`(LATCHKEY_[A-Z_]+)`/g)].map(([, name = '']) => name)
    expect(named(there)).toEqual(SETTING_NAMES)
    expect(named(planned).filter((name) => SETTING_NAMES.some((known) => known === name))).toEqual([])
  })
})

describe('decisions', () => {
  const decisions = FILES.filter((file) => /^docs\/adr\/\d{4}-/.test(file))

  it('are numbered without a gap', () => {
    const numbers = decisions.map((file) => Number(file.slice('docs/adr/'.length).slice(0, 4)))
    expect(numbers.toSorted((a, b) => a - b)).toEqual(decisions.map((_, index) => index + 1))
  })

  it.each(decisions)('say what was decided, what was considered and what follows: %s', (file) => {
    const [title, ...headings] = headingsIn(textOf(file))
    expect(title).toMatch(new RegExp(`^${Number(/\d{4}/.exec(file)?.[0])}\\. `))
    expect(headings).toEqual(['Decision', 'Considered options', 'Consequences'])
  })
})

describe('the drawing of the core', () => {
  const drawing = fencedBlocksIn(textOf('ARCHITECTURE.md')).find(({ content }) =>
    content.startsWith('packages/core/src'),
  )

  /** Names at the beginning of a line, several with ` · ` between them; the explanation follows after two spaces. */
  const drawn = (drawing?.content ?? '')
    .split('\n')
    .slice(1)
    .flatMap((line) => (/^ {2}(\S.*?)(?: {2}|$)/.exec(line)?.[1] ?? '').split(' · '))
    .filter(Boolean)

  it('shows every file and folder at its root, and none that does not exist', () => {
    const there = new Set(
      FILES.filter((file) => file.startsWith('packages/core/src/')).map((file) => {
        const [name = '', ...below] = file.slice('packages/core/src/'.length).split('/')
        return below.length === 0 ? name : `${name}/`
      }),
    )
    expect(drawn.toSorted()).toEqual([...there].toSorted())
  })

  it('lists every port, and none that does not exist', () => {
    const listed = tableIn(textOf('ARCHITECTURE.md'), 'Port').map(([, file]) => unquoted(file))
    const there = FILES.filter((file) => file.startsWith('packages/core/src/ports/')).map((file) =>
      file.split('/').at(-1),
    )
    expect(new Set(listed)).toEqual(new Set(there))
  })
})
