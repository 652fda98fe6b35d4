import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPlausible, readBasicCredentials } from '../../src/protocol/basic-credentials.ts'

const header = (pair: string, scheme = 'Basic ') => scheme + Buffer.from(pair, 'latin1').toString('base64')
const read = (authorization: string) =>
  readBasicCredentials(authorization).map(({ clientId, clientSecret }) => [clientId, clientSecret])

describe('readBasicCredentials', () => {
  it.each(['Basic ', 'basic ', 'BASIC ', 'bAsIc     '])('takes the scheme as %j', (scheme) => {
    expect(read(header('id:secret', scheme))).toEqual([['id', 'secret']])
  })

  it('divides at the first colon', () => {
    expect(read(header('id:a:b:'))).toEqual([['id', 'a:b:']])
  })

  it('reads the decoded pair first and the raw one after it, where they differ', () => {
    expect(read(header('my%2Dapp:a%2Bb+c'))).toEqual([
      ['my-app', 'a+b c'],
      ['my%2Dapp', 'a%2Bb+c'],
    ])
    expect(read(header('my-app:plain'))).toEqual([['my-app', 'plain']])
  })

  it('reads the raw pair alone where decoding fails', () => {
    expect(read(header('id:50%'))).toEqual([['id', '50%']])
    expect(read(header('id%:secret'))).toEqual([['id%', 'secret']])
    expect(read(header('id:%ff'))).toEqual([['id', '%ff']])
  })

  it('reads the raw pair alone where the decoded one could be nobody’s', () => {
    expect(read(header('id:secret%00'))).toEqual([['id', 'secret%00']])
    expect(read(header('id:%C3%A4'))).toEqual([['id', '%C3%A4']])
  })

  it.each([
    ['no colon', header('idsecret')],
    ['an empty id', header(':secret')],
    ['an empty secret', header('id:')],
    ['a NUL', header('id:secret\0')],
    ['a line feed', header('id:secret\n')],
    ['a byte above ASCII', header('id:secr\xe4t')],
    ['no credentials', 'Basic'],
    ['empty credentials', 'Basic '],
    ['another scheme', header('id:secret', 'Bearer ')],
    ['a tab after the scheme', header('id:secret', 'Basic\t')],
    ['no space after the scheme', header('id:secret', 'Basic')],
    ['missing padding', header('id:secret1').replace(/=+$/, '')],
    ['too much padding', `${header('id:secret')}=`],
    ['padding inside', 'Basic aWQ=OnM='],
    ['the alphabet of URLs', 'Basic aWQ6Pz8_'],
    ['white space inside', 'Basic aWQ6 czE='],
    ['something after it', `${header('id:secret')}, x=y`],
    ['a line feed after it', `${header('id:secret')}\n`],
    ['bits left over', 'Basic aWQ6czF='],
    ['an id of 256 characters', header(`${'i'.repeat(256)}:s`)],
    ['a secret of 1025 characters', header(`id:${'s'.repeat(1025)}`)],
  ])('finds nobody in a header with %s', (_, authorization) => {
    expect(read(authorization)).toEqual([])
  })

  it('takes ids of 255 and secrets of 1024 characters', () => {
    const pair = ['i'.repeat(255), 's'.repeat(1024)]
    expect(read(header(pair.join(':')))).toEqual([pair])
  })

  const ascii = (more: object) => fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 60, ...more })

  it('finds every pair that is sent raw, and every pair that is sent form-encoded', () => {
    const id = ascii({}).filter((text) => !text.includes(':'))
    fc.assert(
      fc.property(id, ascii({}), (clientId, clientSecret) => {
        const encode = (text: string) => new URLSearchParams({ '': text }).toString().slice(1)
        expect(read(header(`${clientId}:${clientSecret}`))).toContainEqual([clientId, clientSecret])
        expect(read(header(`${encode(clientId)}:${encode(clientSecret)}`))[0]).toEqual([clientId, clientSecret])
      }),
    )
  })

  it('finds at most two pairs, all of them plausible, whatever the header is', () => {
    const wild = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }).map((text) => header(text)),
      fc.uint8Array().map((bytes) => `Basic ${Buffer.from(bytes).toString('base64')}`),
    )
    fc.assert(
      fc.property(wild, (authorization) => {
        const found = readBasicCredentials(authorization)
        expect(found.length).toBeLessThanOrEqual(2)
        expect(found.every(isPlausible)).toBe(true)
      }),
    )
  })
})
