import { OAuthError } from '../errors.ts'
import { decodeFormComponent } from './form.ts'

/** What of an HTTP request says whether its body may be read as a form. */
export interface FormHeaders {
  readonly contentType: string | undefined
  /** What follows the `?` of the request's target, without it. */
  readonly query: string
}

const FORM = /^application\/x-www-form-urlencoded[ \t]*(?:;[ \t]*(?<parameters>.*))?$/i
const CHARSET = /(?:^|;)[ \t]*charset[ \t]*=[ \t]*(?<value>"[^"]*"|[^;]*)/gi

/** Parameters that carry a secret. In a URL they end in logs, histories and referrers. */
const SECRET_PARAMETERS: ReadonlySet<string> = new Set(['client_secret', 'client_assertion', 'token'])

/**
 * Checks that a request's body is a form in UTF-8 (RFC 6749 §4.4.2, Appendix B), and that its URL holds no secret
 * (RFC 6749 §2.3.1). Other parameters of the URL are ignored.
 *
 * @throws OAuthError `invalid_request`.
 */
export function checkFormHeaders({ contentType, query }: FormHeaders): void {
  // What nearly every request says.
  if (contentType === 'application/x-www-form-urlencoded' && query === '') return
  const form = contentType === undefined ? null : FORM.exec(contentType)
  if (form === null) throw new OAuthError('invalid_request', 'Content-Type must be application/x-www-form-urlencoded')
  for (const { groups } of (form.groups?.['parameters'] ?? '').matchAll(CHARSET))
    if (!/^"?utf-?8"?$/i.test(groups?.['value']?.trim() ?? ''))
      throw new OAuthError('invalid_request', 'the charset of a form must be utf-8')
  if (query !== '' && namesIn(query).some((name) => SECRET_PARAMETERS.has(name)))
    throw new OAuthError('invalid_request', 'secrets and tokens must not be sent in the URL', {
      reason: 'a secret or a token was sent in the URL and must be considered known to others',
    })
}

const namesIn = (query: string): readonly string[] =>
  query.split('&').map((pair) => {
    const name = pair.split('=', 1)[0] ?? ''
    return decodeFormComponent(name) ?? name
  })
