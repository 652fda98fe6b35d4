/**
 * What Latchkey must do, in our own words: sentences that a test can check. The titles of the tests below `test/rfc/` of
 * every package name these ids, and `docs/reference/rfc-coverage.md` is made of both.
 *
 * A requirement of a feature that does not exist yet is `later`: it has no test, and gets one with the feature.
 */

/**
 * @typedef {'MUST' | 'SHOULD' | 'ours'} Level `ours` where no specification decides
 * @typedef {{ readonly id: string, readonly text: string, readonly source: string, readonly level: Level, readonly later?: true }} Requirement
 * @typedef {{ readonly name: string, readonly requirements: readonly Requirement[] }} Chapter
 */

/** @type {(id: string, text: string, source: string, level: Level) => Requirement} */
const now = (id, text, source, level) => ({ id, text, source, level })
/** @type {typeof now} */
const later = (id, text, source, level) => ({ id, text, source, level, later: true })

/** @type {readonly Chapter[]} */
export const CHAPTERS = [
  {
    name: 'Decisions where the specifications leave room',
    requirements: [
      now(
        'D1',
        'A request without client authentication is 401 `invalid_client` with a challenge.',
        'RFC 6749 §5.2',
        'ours',
      ),
      now('D2', 'A wrong secret in the body is answered like one in the header.', 'RFC 6749 §5.2', 'ours'),
      now(
        'D3',
        'A header that cannot be parsed is a failed authentication: 401 with a challenge.',
        'RFC 6749 §5.2',
        'MUST',
      ),
      now('D4', 'Two mechanisms of authentication at once are 400 `invalid_request`.', 'RFC 6749 §2.3', 'MUST'),
      later(
        'D5',
        'The audience of a client assertion is the issuer; a client may be allowed the token endpoint too.',
        'RFC 7523 §3',
        'ours',
      ),
      later(
        'D6',
        'A client assertion may have no `typ`, or one for assertions; any other is refused.',
        'RFC 8725 §3.11',
        'ours',
      ),
      now(
        'D7',
        'A Basic pair is read decoded first and raw second, where the two differ; the id that authenticated is the client.',
        'RFC 6749 §2.3.1',
        'ours',
      ),
      now(
        'D8',
        'Unknown parameters may repeat, known ones may not; `resource` and `audience` may.',
        'RFC 6749 §3.2',
        'ours',
      ),
      now(
        'D9',
        'A scope that a client may not have is `invalid_scope`; the policy `reduce` drops disabled ones and says what is left.',
        'RFC 6749 §3.3',
        'ours',
      ),
      now(
        'D10',
        'Without `scope` the default scopes are granted, else every enabled one; the answer always names them.',
        'RFC 6749 §3.3',
        'ours',
      ),
      now('D11', '`response_types_supported` is there, and empty.', 'RFC 8414 §2', 'ours'),
      now(
        'D12',
        'A token is told of to its client, to a client that may introspect any, and to one that serves its audience.',
        'RFC 7662 §4',
        'ours',
      ),
      now('D13', 'Self-contained tokens can be introspected and revoked like others.', 'RFC 7009 §2', 'ours'),
      now(
        'D14',
        'Revoking the token of another client has no effect, and is answered like an unknown one.',
        'RFC 7009 §2.1',
        'ours',
      ),
      now('D15', 'A revocation that could not be stored is 503, never 200.', 'RFC 7009 §2.2.1', 'ours'),
      now(
        'D16',
        'An introspection that could not be looked up is 503, never `active: false`.',
        'RFC 7662 §2.2',
        'ours',
      ),
      now(
        'D17',
        'Refusals have one order: method, size, headers and parameters, two mechanisms, authentication, `client_id`, grant, DPoP, resource, scope.',
        'RFC 6749 §5.2',
        'ours',
      ),
      now(
        'D18',
        'The presented value decides what a failed secret costs, never the client; derivations are few at a time and queue in bounds.',
        'RFC 6749 §10.10',
        'ours',
      ),
      now('D19', 'A remembered success saves the key derivation and no other check.', 'RFC 6749 §2.3.1', 'ours'),
      now('D20', 'Secrets and tokens have a prefix, a checksum and fixed places.', 'RFC 6749 §10.10', 'ours'),
      now('D21', 'A secret serves both methods, unless the client is registered for one.', 'RFC 7591 §2', 'ours'),
      now('D22', 'There are no public clients.', 'RFC 6749 §4.4', 'MUST'),
      now(
        'D23',
        'One timestamp voids all tokens of a client; what is issued afterwards counts, and a removed id never brings tokens back.',
        'RFC 7009 §2.1',
        'ours',
      ),
      now(
        'D24',
        'The server gives its own tokens no leeway, and keeps a revocation 120 seconds longer than the token lives.',
        'RFC 7662 §2.2',
        'ours',
      ),
      now(
        'D25',
        '`audience` is another word for `resource`; a request that says different things by the two is refused.',
        'RFC 8707 §2',
        'ours',
      ),
      now('D26', 'The audience of a token is the configured one, by default the issuer.', 'RFC 9068 §3', 'ours'),
      now(
        'D27',
        'Plain HTTP is served on a loopback host, behind a trusted proxy that says https, or where the operator insists.',
        'RFC 6749 §1.6',
        'ours',
      ),
      now('D28', 'An issuer with a path has its endpoints below that path.', 'RFC 8414 §3', 'MUST'),
      now(
        'D29',
        'A record that cannot be read is a failure: never a miss, never "not revoked".',
        'RFC 6749 §10.4',
        'ours',
      ),
      now(
        'D30',
        'The tokens of a disabled or removed client are inactive as soon as the change is seen.',
        'RFC 7662 §4',
        'ours',
      ),
    ],
  },
  {
    name: 'Transport',
    requirements: [
      now(
        'A1',
        'Plain HTTP is served only as D27 allows; any issuer but a loopback one is https.',
        'RFC 6749 §3.2',
        'MUST',
      ),
      now('A2', 'The endpoints take POST alone; anything else is 405 with `Allow`.', 'RFC 6749 §3.2', 'MUST'),
      now('A3', 'A body is read only as `application/x-www-form-urlencoded`, in UTF-8.', 'RFC 6749 §4.4.2', 'MUST'),
      now('A4', 'A charset that is not read is 400 in JSON.', 'RFC 6749 §3.2', 'ours'),
      now(
        'A5',
        'Parameters in the URL are ignored; a secret or a token there is 400, and never logged.',
        'RFC 6749 §2.3.1',
        'MUST',
      ),
      now('A6', 'Every answer of the endpoints forbids to keep it.', 'RFC 6749 §5.1', 'MUST'),
      now(
        'A7',
        'Errors are JSON with a registered code and words that may stand there; nothing that was sent comes back.',
        'RFC 6749 §5.2',
        'MUST',
      ),
      now(
        'A8',
        'An unforeseen fault is 500 and tells nothing; an outage of the storage is 503 with `Retry-After`.',
        'RFC 9110 §15.6',
        'ours',
      ),
      now('A9', 'A body above the limit is 413 before it is read.', 'RFC 9110 §15.5.14', 'ours'),
      now('A10', 'A header field that decides something, sent twice, is 400.', 'RFC 9110 §5.3', 'MUST'),
      now('A11', 'Scripts of other origins are let in only where they are configured.', 'RFC 9700 §2.6', 'MUST'),
      now('A12', 'What a proxy says is believed only of configured peers.', 'RFC 9700 §4.13', 'MUST'),
      now('A13', 'Answers mean their type, name no software and are never HTML.', 'RFC 9110 §10.2.4', 'ours'),
    ],
  },
  {
    name: 'Parameters of the token endpoint',
    requirements: [
      now('B1', 'A parameter without a value counts as omitted.', 'RFC 6749 §3.2', 'MUST'),
      now('B2', 'Unknown parameters are ignored.', 'RFC 6749 §3.2', 'MUST'),
      now(
        'B3',
        'A known parameter that is repeated is `invalid_request`, with equal values too.',
        'RFC 6749 §3.2',
        'MUST',
      ),
      now(
        'B4',
        'A missing, unknown or forbidden grant type is `invalid_request`, `unsupported_grant_type` or `unauthorized_client`.',
        'RFC 6749 §5.2',
        'MUST',
      ),
      now('B5', 'Who has not authenticated learns nothing of grants and scopes.', 'RFC 6749 §3.2', 'ours'),
      now(
        'B6',
        'Names and values are percent-encoded UTF-8; what is malformed is refused, not repaired.',
        'RFC 6749 App. B',
        'MUST',
      ),
      now(
        'B7',
        'More than 100 parameters, a name above 64 characters or a value above 16 KiB is refused.',
        'RFC 6749 §3.2',
        'ours',
      ),
      now(
        'B8',
        'Characters that may not stand there are `invalid_client` in id and secret, `invalid_scope` in scope.',
        'RFC 6749 App. A',
        'MUST',
      ),
    ],
  },
  {
    name: 'Client authentication',
    requirements: [
      now('C1', 'Two methods at once, an assertion among them or not, are `invalid_request`.', 'RFC 6749 §2.3', 'MUST'),
      now(
        'C2',
        'A `client_id` beside other credentials must be the client that they authenticate.',
        'RFC 6749 §3.2.1',
        'MUST',
      ),
      now('C3', 'A method that the client is not registered for fails like a wrong secret.', 'RFC 7591 §2', 'ours'),
      now('C4', 'Failed authentication is answered with the same bytes, whatever the reason.', 'RFC 6749 §5.2', 'ours'),
      now('C5', 'Every 401 `invalid_client` challenges with the issuer as realm.', 'RFC 7617 §2.1', 'MUST'),
      later('C6', 'Failed attempts are limited per client and per address.', 'RFC 6749 §2.3.1', 'MUST'),
      now('C7', 'An id alone is never enough.', 'RFC 6749 §4.4', 'MUST'),
      now('C8', 'Secrets are compared as digests of one length, in constant time.', 'RFC 6749 §2.3.1', 'ours'),
      now('C9', 'Several live secrets all authenticate, each until its end.', 'RFC 6749 §2.3.1', 'ours'),
      now('C10', 'The scheme is read in any case, with one space or more behind it.', 'RFC 7617 §2', 'MUST'),
      now('C11', 'Base64 is decoded strictly.', 'RFC 7617 §2', 'ours'),
      now('C12', 'The first colon divides id and secret.', 'RFC 7617 §2', 'MUST'),
      now('C13', 'Id and secret are form-decoded.', 'RFC 6749 §2.3.1', 'MUST'),
      now('C14', 'An empty id, a missing colon and control characters are 401.', 'RFC 7617 §2', 'ours'),
      now('C15', 'Id and secret are accepted in the body.', 'RFC 6749 §2.3.1', 'MUST'),
    ],
  },
  {
    name: 'The client credentials grant',
    requirements: [
      now(
        'E1',
        'The answer is JSON with token, type, lifetime, and scope unless there is none.',
        'RFC 6749 §5.1',
        'MUST',
      ),
      now('E2', 'There is no refresh token.', 'RFC 6749 §4.4.3', 'SHOULD'),
      now('E3', 'The type is `Bearer`, or `DPoP` where a proof has bound the token to a key.', 'RFC 6750 §4', 'MUST'),
      now(
        'E4',
        'A token has 256 random bits and at most 64 characters that are safe in a URL.',
        'RFC 6749 §10.10',
        'MUST',
      ),
      now('E5', 'Only a hash of a token is stored, and no token is handed out twice.', 'RFC 6749 §10.3', 'ours'),
      now('E6', 'A token that could not be stored is not handed out.', 'RFC 6749 §5.1', 'ours'),
      now('E7', 'The subject of a client’s token is the client, whatever it asks for.', 'RFC 9700 §4.15', 'SHOULD'),
    ],
  },
  {
    name: 'Self-contained access tokens and their keys',
    requirements: [
      now(
        'F1',
        'The header has the type `at+jwt`, an algorithm that signs, and the `kid` of a published key; a shared secret is never published.',
        'RFC 9068 §2.1',
        'MUST',
      ),
      now(
        'F2',
        'The claims `iss`, `exp`, `aud`, `sub`, `client_id`, `iat` and `jti` are there; the client is its own subject.',
        'RFC 9068 §2.2',
        'MUST',
      ),
      now('F3', 'The scope that was granted is a claim, as one text.', 'RFC 9068 §2.2.3', 'SHOULD'),
      now('F4', 'Every scope in a token means something to every audience of it.', 'RFC 9068 §3', 'MUST'),
      now('F5', 'Without `resource` the audience is the configured one, never the client.', 'RFC 9068 §3', 'MUST'),
      now('F6', 'No parameter of a request reaches `aud` but a resource that the client holds.', 'RFC 8707 §2', 'ours'),
      now(
        'F7',
        'No claim of a program or a client stands in the place of one that the server sets.',
        'RFC 9068 §5',
        'ours',
      ),
      now(
        'F8',
        'The published keys hold public members alone, each with its own `kid`, its use and its algorithm, and may be kept for a while.',
        'RFC 7517 §5',
        'MUST',
      ),
      now(
        'F9',
        'A key is published before it signs, and until its last token has expired; removing one at once is one step.',
        'RFC 9700 §2.6',
        'ours',
      ),
      now('F10', 'A signed answer of introspection is never taken for a token.', 'RFC 8725 §3.11', 'MUST'),
      now('F11', 'A key is used with one algorithm; Ed25519 goes by both of its names.', 'RFC 8725 §3.1', 'ours'),
      now(
        'F12',
        'A token for a resource is signed by the algorithm, and encrypted to the public key, that it is registered with; otherwise there is none.',
        'RFC 9068 §4',
        'ours',
      ),
    ],
  },
  {
    name: 'Resources that a token is for',
    requirements: [
      now('G1', 'A resource is named by an absolute URI without fragment.', 'RFC 8707 §2', 'MUST'),
      now(
        'G2',
        'A resource that nobody registered, or that the client does not hold, is `invalid_target`.',
        'RFC 8707 §2',
        'MUST',
      ),
      now(
        'G3',
        '`resource` may be given again; the audience is all that are named, each once.',
        'RFC 8707 §2.2',
        'ours',
      ),
      now('G4', 'Identifiers are compared as they are written.', 'RFC 8707 §2', 'ours'),
      now('G5', 'Scopes are judged against the resources that are named.', 'RFC 8707 §2.2', 'SHOULD'),
      now('G6', 'A request names ten resources at most, by names of a bounded length.', 'RFC 8707 §2', 'ours'),
    ],
  },
  {
    name: 'Tokens that are bound to a key, by DPoP',
    requirements: [
      now('H1', 'More than one DPoP field, or a joined one, is `invalid_dpop_proof`.', 'RFC 9449 §4.3', 'MUST'),
      now(
        'H2',
        'A proof is one compact JWS of the type `dpop+jwt`, signed by the public key that it holds, by an algorithm that is named in the metadata.',
        'RFC 9449 §4.3',
        'MUST',
      ),
      now('H3', '`htm` is the method of the request, in its case.', 'RFC 9449 §4.3', 'MUST'),
      now(
        'H4',
        '`htu` is the address of the endpoint as it is seen from outside, without query and fragment, however it is written.',
        'RFC 9449 §4.3',
        'MUST',
      ),
      now('H5', '`iat` lies at most five minutes back and ten seconds ahead.', 'RFC 9449 §11.1', 'MUST'),
      now(
        'H6',
        'A proof is good once, on all nodes together, for as long as it would be believed; what is kept of it is a hash.',
        'RFC 9449 §11.1',
        'SHOULD',
      ),
      now(
        'H7',
        'Where a nonce is required, a proof without one of ours is `use_dpop_nonce`, with exactly one `DPoP-Nonce`; a nonce is good on every node, for two windows.',
        'RFC 9449 §8',
        'MUST',
      ),
      now('H8', 'A nonce that nobody asked for must be one of ours, and may be used again.', 'RFC 9449 §8', 'MUST'),
      now(
        'H9',
        'A proof is judged once the client has authenticated, and before anything is used up or issued.',
        'RFC 9449 §5',
        'MUST',
      ),
      now(
        'H10',
        'A token that is bound says so: `token_type`, and the thumbprint of the key in `cnf`, in the token and in introspection.',
        'RFC 9449 §6',
        'MUST',
      ),
      now('H11', 'A client that is registered for bound tokens alone gets no other.', 'RFC 9449 §5.2', 'MUST'),
      now(
        'H12',
        'What is unknown in a proof is ignored; `exp` and `nbf` count where they are there.',
        'RFC 9449 §4.2',
        'MUST',
      ),
      now('H13', 'The token endpoint asks for no `ath`.', 'RFC 9449 §4.2', 'MUST'),
      now('H14', 'Introspection tells of a binding, and does not judge it.', 'RFC 9449 §6.2', 'MUST'),
    ],
  },
  {
    name: 'Introspection',
    requirements: [
      now(
        'I1',
        'The caller authenticates, or shows a bearer token that opens the endpoint and is not the one in question.',
        'RFC 7662 §2.1',
        'MUST',
      ),
      now('I2', 'A missing or repeated `token` is `invalid_request`.', 'RFC 7662 §2.1', 'MUST'),
      now(
        'I3',
        'Whatever is not active, or not the caller’s business, is exactly `{"active":false}`.',
        'RFC 7662 §2.2',
        'MUST',
      ),
      now(
        'I4',
        'The members of an active token have the types and values that it was issued with.',
        'RFC 7662 §2.2',
        'MUST',
      ),
      now('I5', 'The hint changes nothing.', 'RFC 7662 §2.1', 'MUST'),
      now('I6', 'What is told comes from storage, after every check.', 'RFC 7662 §4', 'MUST'),
      now('I7', 'Tokens of a disabled or deleted client are inactive at once.', 'RFC 7662 §4', 'ours'),
      now('I8', 'GET is 405.', 'RFC 7662 §4', 'SHOULD'),
      now('I9', 'An API is told of no scopes but its own, where that is configured.', 'RFC 9701 §5', 'SHOULD'),
      now('I10', 'A registered API may ask for a signed answer.', 'RFC 9701 §4', 'MUST'),
      later('I11', 'An API that is registered for encrypted answers gets no others.', 'RFC 9701 §8.2', 'MUST'),
      now('I12', '`Accept` is honoured with its weights.', 'RFC 9110 §12.5.1', 'MUST'),
    ],
  },
  {
    name: 'Revocation',
    requirements: [
      now('J1', 'The client authenticates; a failure is 401, never 200.', 'RFC 7009 §2.1', 'MUST'),
      now('J2', 'Success, an unknown token and a malformed one are 200 with an empty body.', 'RFC 7009 §2.2', 'MUST'),
      now('J3', 'After the 200 the token is inactive.', 'RFC 7009 §2.1', 'MUST'),
      now('J4', 'A missing `token` is `invalid_request`; an unknown hint is ignored.', 'RFC 7009 §2.2.1', 'MUST'),
      now('J5', 'A self-contained token is remembered as revoked for as long as it lives.', 'RFC 7009 §3', 'ours'),
      now('J6', 'A failure of the storage is 503 with `Retry-After`.', 'RFC 7009 §2.2.1', 'MUST'),
      now('J7', 'Revoking twice, and revoking an expired token, is 200.', 'RFC 7009 §2.2', 'MUST'),
      now('J8', 'A client revokes its own tokens alone.', 'RFC 7009 §2.1', 'MUST'),
    ],
  },
  {
    name: 'Metadata',
    requirements: [
      now(
        'K1',
        'The document stands before the path of the issuer, and behind it for those who look there.',
        'RFC 8414 §3',
        'MUST',
      ),
      now('K2', 'The issuer is the configured one, byte for byte.', 'RFC 8414 §3.3', 'MUST'),
      now('K3', 'An endpoint is named exactly when it is there.', 'RFC 8414 §2', 'MUST'),
      now('K4', '`grant_types_supported` is there.', 'RFC 8414 §2', 'MUST'),
      now(
        'K5',
        'The methods of authentication are named for each endpoint, with algorithms only where a method signs.',
        'RFC 8414 §2',
        'MUST',
      ),
      now(
        'K6',
        'What certificates, DPoP and signed introspection can do is named when they are on.',
        'RFC 8705 §3.3',
        'MUST',
      ),
      now(
        'K7',
        'Empty lists are left out, the document is JSON, HEAD works, and another path is 404.',
        'RFC 8414 §3.2',
        'MUST',
      ),
      now('K8', '`grant_types_supported` names `client_credentials`.', 'RFC 8414 §2', 'ours'),
      now('K9', 'An API publishes metadata of its own.', 'RFC 9728 §3', 'MUST'),
      now('K10', 'The document lists the APIs that it protects.', 'RFC 9728 §4', 'ours'),
    ],
  },
  {
    name: 'At the API',
    requirements: [
      now('N1', 'A bearer token is read in the `Authorization` header alone.', 'RFC 6750 §2.1', 'MUST'),
      now('N2', 'Two tokens at once are `invalid_request`, with every challenge.', 'RFC 6750 §3.1', 'MUST'),
      now('N3', 'No token is 401 with a challenge that names no error.', 'RFC 6750 §3.1', 'SHOULD'),
      now(
        'N4',
        'A token that is not active is 401 `invalid_token`; one that lacks a scope is 403 and told which.',
        'RFC 6750 §3.1',
        'MUST',
      ),
      now(
        'N5',
        'A self-contained token is checked for type, audience, issuer, algorithm and expiry.',
        'RFC 9068 §4',
        'MUST',
      ),
      now('N6', 'A token that is bound to a key or a certificate is refused without it.', 'RFC 9449 §7.2', 'MUST'),
      now('N7', 'A DPoP proof is checked with the token that it is for.', 'RFC 9449 §7.1', 'MUST'),
      now(
        'N8',
        'An answer of introspection is kept no longer than the token lives, and a failure never.',
        'RFC 7662 §4',
        'ours',
      ),
      now('N9', 'A binding that is not understood is refused.', 'RFC 7800 §3.1', 'ours'),
    ],
  },
]
