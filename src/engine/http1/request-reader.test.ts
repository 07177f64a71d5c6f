import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { desyncCases, withHost } from '../../../test/support/desync-cases.ts'
import { modes, readRequest as read } from '../../../test/support/read-request.ts'
import { atLeast } from '../desync/classification.ts'

describe('the corpus of http-desync-guardian as it goes on the wire', () => {
  const cases = desyncCases.map((each) => ({ ...each, raw: withHost(each.raw) }))

  test.each(cases)('$title', ({ raw, tier, isOtherOnTheWire }) => {
    const found = read([raw], 'monitor').classification?.tier
    if (isOtherOnTheWire) expect(found).not.toBe('Compliant')
    else expect(found).toBe(tier)
  })

  test.each(modes)('has the same verdict however it is split, in mode %s', (mode) => {
    for (const { raw, title } of cases) {
      const whole = read([raw], mode)
      for (let at = 1; at < raw.length; at += 1) {
        expect(read([raw.slice(0, at), raw.slice(at)], mode), `${title} at ${at}`).toEqual(whole)
      }
      expect(read([...raw], mode), title).toEqual(whole)
    }
  })
})

describe('what a doubted request is passed on as', () => {
  const passedOn = (head: string) => read([head], 'monitor').text
  const post = 'POST / HTTP/1.1\r\nHost: a\r\n'
  test.each([
    ['bare LF', 'GET / HTTP/1.1\nHost: a\n\n', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['folds', `${post}A: b\r\n  c\r\n\td\r\n\r\n`, `${post}A: b c d\r\n\r\n`],
    ['a folded Host', 'GET / HTTP/1.1\r\nHost:\r\n a\r\n\r\n', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['white space around a name', `${post} A : b\r\n\r\n`, undefined],
    ['white space after a name', `${post}A : b\r\n\r\n`, `${post}A: b\r\n\r\n`],
    ['a name that is no token', `${post}A\x01: b\r\nC[]: d\r\n\r\n`, `${post}\r\n`],
    ['no colon', `${post}A\r\n\r\n`, `${post}\r\n`],
    ['a fold of a line without a colon', `${post}A\r\n Content-Length: 1\r\n\r\n`, `${post}\r\n`],
    ['control characters', `${post}A: \x01b\0c\rd\r\n\r\n`, `${post}A: b c d\r\n\r\n`],
    ['a URI with blanks', 'GET /a b\tc HTTP/1.0\r\n\r\n', 'GET /a%20b%09c HTTP/1.0\r\n\r\n'],
    ['no URI', 'GET HTTP/1.0\r\n\r\n', 'GET / HTTP/1.0\r\n\r\n'],
    ['HTTP/0.9', 'GET /\r\n\r\n', 'GET / HTTP/1.0\r\n\r\n'],
    ['HTTP/1.7', 'GET / HTTP/1.7\r\nHost: a\r\n\r\n', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['no version', 'GET / http/1.1\r\nHost: a\r\n\r\n', 'GET / HTTP/1.0\r\nHost: a\r\n\r\n'],
    [
      'both framings',
      `${post}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n`,
      `${post}Transfer-Encoding: chunked\r\n\r\n`,
    ],
    [
      'codings that no framing can be told from, beside a length',
      `${post}Content-Length: 03\r\nTransfer-Encoding: x\r\n\r\n`,
      `${post}Content-Length: 3\r\n\r\n`,
    ],
    [
      'equal lengths',
      `${post}Content-Length: 3\r\nContent-length: 03\r\n\r\n`,
      `${post}Content-Length: 3\r\n\r\n`,
    ],
    [
      'chunked twice',
      `${post}Transfer-Encoding: gzip, chunked\r\nTransfer-Encoding: chunked\r\n\r\n`,
      `${post}Transfer-Encoding: gzip, chunked\r\n\r\n`,
    ],
    [
      'framing with white space at its name',
      `${post}Content-Length : 3\r\nTransfer-Encoding\t: chunked\r\n\r\n`,
      `${post}\r\n`,
    ],
    ['look-alikes', `${post}Transfer_Encoding: chunked\r\nContentLength: 3\r\n\r\n`, `${post}\r\n`],
    [
      'an upgrade that would outlive the request',
      `${post}Content_Length: 3\r\nUpgrade: websocket\r\n\r\n`,
      `${post}\r\n`,
    ],
  ])('%s', (_, head, expected) => expect(passedOn(head)).toBe(expected))
})

test('in no mode is a request passed on whose end or host nobody can tell', () => {
  const post = 'POST / HTTP/1.1\r\nHost: a\r\n'
  for (const [head, reason] of [
    [`${post}Content-Length: 3\r\nContent-Length: 4\r\n\r\n`, 'MultipleContentLength'],
    [`${post}Content-Length: 3x\r\n\r\n`, 'BadContentLength'],
    [`${post}Content-Length:\r\n\r\n`, 'BadContentLength'],
    [`${post}Transfer-Encoding: gzip\r\n\r\n`, 'BadTransferEncoding'],
    [`${post}Transfer-Encoding: chunked, gzip\r\n\r\n`, 'BadTransferEncoding'],
    [`${post}Host: a\r\n\r\n`, 'MultipleHost'],
    [`${post}Host : b\r\n\r\n`, 'MultipleHost'],
    ['GET / HTTP/1.1\r\n\r\n', 'MissingHost'],
    ['GET / HTTP/1.1\r\nHost: a b\r\n\r\n', 'BadHost'],
    ['GET a HTTP/1.1\r\nHost: a\r\n\r\n', 'UnknownUriForm'],
    ['G\0ET / HTTP/1.1\r\n', 'BadMethod'],
    ['\nG(T / HTTP/1.1\r\nHost: a\r\n\r\n', 'BadMethod'],
  ] as const) {
    expect(read([head], 'monitor'), head).toEqual({
      verdict: 'refused',
      classification: { tier: 'Severe', reason },
      status: 400,
    })
  }
})

test('limits hold for heads of any form', () => {
  const tolerant = 'GET /\n'
  const status = (head: string) => {
    const { verdict, status: found } = read([head], 'monitor')
    return verdict === 'refused' ? found : verdict
  }
  expect(status(`\nGET /${'a'.repeat(16_384)}`)).toBe(414)
  expect(status(`GET /${' '.repeat(6000)} HTTP/1.0\r\n\r\n`)).toBe(414)
  expect(status(`${tolerant}A: ${'b'.repeat(16_381)}`)).toBe(431)
  expect(status(`${tolerant}A: ${'b'.repeat(16_370)}\n\n`)).toBe('complete')
  expect(status(`${tolerant}${`A: ${'b'.repeat(9000)}\n`.repeat(8)}`)).toBe(431)
  expect(status(`${tolerant}${'A: b\n'.repeat(997)}\n`)).toBe('complete')
  expect(status(`${tolerant}${'A: b\n'.repeat(998)}\n`)).toBe(400)
  expect(status(`\n${'M'.repeat(128)} / HTTP/1.0\r\n\r\n`)).toBe(405)
})

const pieces = fc.constantFrom(
  ...['GET', 'POST', ' ', '/', 'HTTP/1.1', 'HTTP/1.0', '\t', ':', '\r\n', '\r\n', '\n', '\r', '\0'],
  ...['Host', 'a', '1', '\x01', '\xc5\xbf', ',', 'Content-Length: 1\r\n', 'Content_Length: 2\r\n'],
  ...['Transfer-Encoding', 'chunked', 'Transfer-Encoding: chunked\r\n', 'Upgrade: x\r\n', ' b\r\n'],
)
const heads = fc
  .tuple(
    fc.constantFrom('', '\n', '\r\n'),
    fc.constantFrom('GET / HTTP/1.1\r\n', 'POST / HTTP/1.1\n', 'HEAD /', 'PUT / HTTP/1.0\r\n', ''),
    fc.constantFrom('Host: a\r\n', ''),
    fc.array(pieces, { maxLength: 20 }),
  )
  .map(([before, line, host, rest]) => `${before}${line}${host}${rest.join('')}\r\n\r\n`)

describe('for any head', () => {
  test('the verdict does not depend on how it is split', () => {
    fc.assert(
      fc.property(heads, fc.constantFrom(...modes), fc.nat(), (head, mode, cut) => {
        const whole = read([head], mode)
        const at = 1 + (cut % (head.length - 1))
        expect(read([head.slice(0, at), head.slice(at)], mode)).toEqual(whole)
        expect(read([...head], mode)).toEqual(whole)
      }),
      { numRuns: 1000 },
    )
  })

  test('what is passed on has one framing at most, no control characters, and is read the same again', () => {
    fc.assert(
      fc.property(heads, (head) => {
        const first = read([head], 'monitor')
        if (first.verdict !== 'complete') return
        expect(first.text).toMatch(
          /^[!-~]+ [!-~\x80-\xff]+ HTTP\/1\.[01]\r\n(?:[!-~]+: ?[\t -~\x80-\xff]*\r\n)*\r\n$/,
        )
        const framings = first.text.match(/^(?:transfer-encoding|content-length):/gim) ?? []
        expect(framings.length).toBeLessThan(2)
        const second = read([first.text], 'monitor')
        expect(second).toMatchObject({ verdict: 'complete', text: first.text, body: first.body })
        expect(atLeast(first.classification.tier, second.classification?.tier ?? 'Severe')).toBe(
          true,
        )
      }),
      { numRuns: 2000 },
    )
  })

  test('of any bytes at all, there is a verdict', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(...modes), (bytes, mode) => {
        const text = `${Buffer.from(bytes).toString('latin1')}\n\n`
        expect(read([text], mode)).toEqual(read([...text], mode))
      }),
      { numRuns: 1000 },
    )
  })
})
