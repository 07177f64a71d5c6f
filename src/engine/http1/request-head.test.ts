import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Verdict } from './message-head.ts'
import { RequestHead } from './request-head.ts'

/** What a head is found to be, when it comes in these parts. */
function read(parts: readonly string[]): unknown {
  const head = new RequestHead()
  // Bytes that are not the head's lie before it, as they may in a read buffer.
  let bytes = Buffer.from('before')
  let verdict: Verdict = 'incomplete'
  for (const part of parts) {
    bytes = Buffer.concat([bytes, Buffer.from(part, 'latin1')])
    verdict = head.scan(bytes, 6, bytes.length)
    if (verdict !== 'incomplete') break
  }
  if (verdict === 'refused') return { verdict, status: head.status, reason: head.reason }
  if (verdict === 'incomplete') return { verdict }
  return {
    verdict,
    length: head.length,
    method: head.method,
    target: head.target,
    minor: head.minor,
    body: head.bodyLength,
    keepAlive: head.keepAlive,
    forwardedFor: head.forwardedFor,
    userAgent: head.userAgent,
    referer: head.referer,
    upgradeTo: head.upgradeTo,
    text: head.text,
    passed: head.passed('b'),
  }
}

const heads = [
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  '\r\nGET / HTTP/1.0\r\n\r\nbody',
  'OPTIONS * HTTP/1.1\r\nhost:a\r\nConnection: a, Close ,b\r\nA: x\r\nB: y\r\nC: z\r\n\r\n',
  'POST http://a/ HTTP/1.1\r\nHost: a:80\r\nContent-Length: 0012\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: [::1]:80\r\nUpgrade: a\r\nConnection: upgrade\r\nX-Forwarded-For: b\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nA: \x01\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\n\r\n',
  'GET /\x7f HTTP/1.1\r\n\r\n',
  'GET / HTTP/1.12\r\n\r\n',
  'GET / HTTP/1.1 \r\n\r\n',
  'GET / http/1.1\r\n\r\n',
  'GET\t/ HTTP/1.1\r\n\r\n',
  '\r\rGET / HTTP/1.1\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nuser-agent: \tme too \r\nReferer:b\r\nUser-Agent: c\r\n\r\n',
  `${'M'.repeat(130)} / HTTP/1.1\r\n`,
]

test('the verdict is the same however a head is split', () => {
  for (const head of heads) {
    const whole = read([head])
    for (let at = 1; at < head.length; at += 1) {
      expect(read([head.slice(0, at), head.slice(at)]), `${head} at ${at}`).toEqual(whole)
    }
    expect(read([...head]), head).toEqual(whole)
  }
})

test('nor does it depend on the split for the requests of the fuzzer', () => {
  const token = fc.constantFrom('GET', 'Host', 'Content-Length', 'Transfer-Encoding', 'chunked')
  const noise = fc.constantFrom(' ', '\t', ':', '\r\n', '\n', '\r', '\0', '/', '1', 'HTTP/1.1', 'a')
  const text = fc
    .array(fc.oneof(token, noise), { maxLength: 30 })
    .map((parts) => `GET / HTTP/1.1\r\nHost: a\r\n${parts.join('')}\r\n\r\n`)
  fc.assert(
    fc.property(text, fc.nat(), (head, cut) => {
      const at = 1 + (cut % (head.length - 1))
      expect(read([head.slice(0, at), head.slice(at)])).toEqual(read([head]))
      expect(read([...head])).toEqual(read([head]))
    }),
    { numRuns: 500 },
  )
})

test('the fields that logs have are the first of their name, in any case of letters', () => {
  const fields =
    'User-Agents: a\r\nuSER-aGENT: \tme too \r\nReferer:b\r\nUser-Agent: c\r\nreferer: d\r\n'
  const head = read([`GET / HTTP/1.1\r\nHost: a\r\n${fields}\r\n`])
  expect(head).toMatchObject({ userAgent: 'me too', referer: 'b' })
  const none = read(['GET / HTTP/1.1\r\nHost: a\r\nUser-Agent:\r\n\r\n'])
  expect(none).toMatchObject({ userAgent: '', referer: '' })
})

test('any bytes get a verdict', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(['incomplete', 'refused', 'complete']).toContain(
        new RequestHead().scan(Buffer.from(bytes), 0, bytes.length),
      )
    }),
    { numRuns: 2000 },
  )
})

describe('the length of a body', () => {
  const body = (lines: string) => read([`POST / HTTP/1.1\r\nHost: a\r\n${lines}\r\n`])
  test.each([
    ['', { kind: 'none' }],
    ['Content-Length: 0\r\n', { kind: 'known', length: 0 }],
    ['content-length:\t999999999999999 \r\n', { kind: 'known', length: 999_999_999_999_999 }],
    ['Transfer-Encoding: CHUNKED\r\n', { kind: 'chunked', codings: 'chunked' }],
    ['Transfer-Encoding: gzip,chunked\r\n', { kind: 'chunked', codings: 'gzip, chunked' }],
  ])('%j', (lines, length) => {
    expect(body(lines)).toMatchObject({ verdict: 'complete', body: length })
  })
})
