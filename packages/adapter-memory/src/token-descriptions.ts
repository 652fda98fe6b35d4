import type { AccessTokenRecord, EpochSeconds, TokenId } from '@latchkey/core'
import { frozenCopy } from './frozen-copy.ts'
import { sameData, sameTexts } from './same-data.ts'

/** What a record says but its id and its times: most tokens of a client have it in common. */
interface Description {
  readonly number: number
  /** How many tokens have it. */
  holders: number
  readonly clientId: string
  readonly credentialId: string | undefined
  readonly subject: string
  readonly scopes: readonly string[]
  readonly audience: readonly string[]
  readonly confirmation: AccessTokenRecord['confirmation']
  readonly claims: AccessTokenRecord['claims']
}

/** What tokens have in common, each held once and known by its number, for as long as a token has it. */
export interface TokenDescriptions {
  /** How many there are. */
  readonly size: number
  /** Of how many clients. */
  readonly clients: number
  /** The number of what this record says, above 0, for one token more; it is copied where it is new. */
  hold(record: AccessTokenRecord): number
  /** One token less has it. Whatever was the last one's is forgotten. */
  letGo(number: number): void
  /** A record that has this description; what is in it is frozen, and the record itself is the caller's. */
  record(number: number, id: TokenId, issuedAt: EpochSeconds, expiresAt: EpochSeconds): AccessTokenRecord
}

/**
 * The latest descriptions of a client, of tokens with claims or bindings and of those without: a new record is compared with
 * those of its kind. Beyond so many they may be held several times, which costs space and nothing else.
 */
interface Recent {
  readonly plain: Description[]
  /** Few, since they are dear to compare, and where there are many each is likely to be of one token alone. */
  readonly particular: Description[]
}

const MOST_PLAIN = 64
const MOST_PARTICULAR = 8

/** Makes descriptions of tokens, of which there are none yet. */
export function createTokenDescriptions(): TokenDescriptions {
  // Never a number of its own: 0 is what a token has that has no description.
  const described: (Description | undefined)[] = [undefined]
  const free: number[] = []
  /** Of each client that has any. */
  const recentByClient = new Map<string, Recent>()

  function describe(record: AccessTokenRecord, like: Description | undefined): Description {
    const number = free.at(-1) ?? described.length
    // Before the number is taken: there may be claims that cannot be copied.
    const description = descriptionOf(record, number, like)
    free.pop()
    described[number] = description
    return description
  }

  function begin(clientId: string): Recent {
    const recent: Recent = { plain: [], particular: [] }
    recentByClient.set(clientId, recent)
    return recent
  }

  return {
    get size() {
      return described.length - 1 - free.length
    },
    get clients() {
      return recentByClient.size
    },

    hold(record) {
      const ofClient = recentByClient.get(record.clientId)
      const recent = ofClient?.[kindOf(record)]
      const known = recent?.find((description) => describes(description, record))
      const description = known ?? describe(record, ofClient && (ofClient.plain[0] ?? ofClient.particular[0]))
      description.holders++
      if (known !== undefined) return known.number
      const { plain, particular } = ofClient ?? begin(description.clientId)
      if (kindOf(record) === 'plain') remember(description, plain, MOST_PLAIN)
      else remember(description, particular, MOST_PARTICULAR)
      return description.number
    },

    letGo(number) {
      const description = described[number]
      if (description === undefined || --description.holders > 0) return
      described[number] = undefined
      free.push(number)
      const recent = recentByClient.get(description.clientId)
      if (recent === undefined) return
      const list = recent[kindOf(description)]
      const index = list.indexOf(description)
      if (index >= 0) list.splice(index, 1)
      if (recent.plain.length + recent.particular.length === 0) recentByClient.delete(description.clientId)
    },

    record: (number, id, issuedAt, expiresAt) => recordOf(described[number] as Description, id, issuedAt, expiresAt),
  }
}

const kindOf = ({
  confirmation,
  claims,
}: {
  readonly confirmation?: unknown
  readonly claims?: unknown
}): keyof Recent => (confirmation === undefined && claims === undefined ? 'plain' : 'particular')

function remember(description: Description, recent: Description[], most: number): void {
  if (recent.unshift(description) > most) recent.pop()
}

function describes(description: Description, record: AccessTokenRecord): boolean {
  return (
    description.subject === record.subject &&
    description.credentialId === record.credentialId &&
    sameTexts(description.scopes, record.scopes) &&
    sameTexts(description.audience, record.audience) &&
    sameData(description.confirmation, record.confirmation) &&
    sameData(description.claims, record.claims)
  )
}

/** What a record says, of which it has in common with another of the same client what is the same. */
function descriptionOf(record: AccessTokenRecord, number: number, like: Description | undefined): Description {
  const clientId = like?.clientId ?? copyOf(record.clientId)
  return {
    number,
    holders: 0,
    clientId,
    credentialId: record.credentialId === undefined ? undefined : sharedText(record.credentialId, like?.credentialId),
    subject: record.subject === clientId ? clientId : sharedText(record.subject, like?.subject),
    scopes: sharedTexts(record.scopes, like?.scopes),
    audience: sharedTexts(record.audience, like?.audience),
    confirmation: frozenCopy(record.confirmation),
    claims: frozenCopy(record.claims),
  }
}

const sharedText = (text: string, like: string | undefined): string => (text === like ? like : copyOf(text))

const sharedTexts = (texts: readonly string[], like: readonly string[] | undefined): readonly string[] =>
  like !== undefined && sameTexts(texts, like) ? like : Object.freeze(copyOf(texts))

/**
 * A text that was cut out of a request would keep all of that request in memory, for as long as the token lives. Whatever
 * it holds, lone surrogates too, JSON gives it back.
 */
const copyOf = <Json>(value: Json): Json => JSON.parse(JSON.stringify(value)) as Json

/** Written out, in the order in which a record has its members: an object that is spread together takes far longer. */
function recordOf(
  { clientId, credentialId, subject, scopes, audience, confirmation, claims }: Description,
  id: TokenId,
  issuedAt: EpochSeconds,
  expiresAt: EpochSeconds,
): AccessTokenRecord {
  const record: { -readonly [Member in keyof AccessTokenRecord]: AccessTokenRecord[Member] } =
    credentialId === undefined
      ? { id, clientId, subject, scopes, audience, issuedAt, expiresAt }
      : { id, clientId, credentialId, subject, scopes, audience, issuedAt, expiresAt }
  if (confirmation !== undefined) record.confirmation = confirmation
  if (claims !== undefined) record.claims = claims
  return record
}
