import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Verdict } from './message-head.ts'
import { ResponseHead } from './response-head.ts'

function read(parts: readonly string[], toHead = false): unknown {
  const head = new ResponseHead()
  let text = ''
  let verdict: Verdict = 'incomplete'
  for (const part of parts) {
    text += part
    verdict = head.scan(Buffer.from(text, 'latin1'), 0, text.length)
    if (verdict !== 'incomplete') break
  }
  if (verdict !== 'complete') return { verdict, reason: head.reason }
  const { status, length, keepAlive } = head
  const kept = head.kept(0)
  return { verdict, status, length, keepAlive, body: head.bodyLength(toHead), kept }
}

const heads = [
  'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc',
  'HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n',
  'HTTP/1.0 404 Not \xe9 Found\r\nConnection: keep-alive\r\n\r\n',
  'HTTP/1.1 200 \r\nX: y\r\n\r\n',
  'HTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 2000 OK\r\n\r\n',
  'HTTP/1.1 099 OK\r\n\r\n',
  'HTTP/1.1  200 OK\r\n\r\n',
  'HTTP/1.1 200 O\x01K\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
  'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
  'ICY 200 OK\r\n\r\n',
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

test.each([
  ['HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n', false, { kind: 'known', length: 3 }],
  ['HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n', true, { kind: 'none' }],
  ['HTTP/1.1 200 OK\r\n\r\n', false, { kind: 'until-close' }],
  ['HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n', false, { kind: 'none' }],
  ['HTTP/1.1 204 No Content\r\n\r\n', false, { kind: 'none' }],
  ['HTTP/1.1 103 Early Hints\r\n\r\n', false, { kind: 'none' }],
])('the body of %j (to HEAD: %s)', (head, toHead, body) => {
  expect(read([head], toHead)).toMatchObject({ body })
})

test('any bytes get a verdict', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (noise, prefix) => {
      const bytes = Buffer.concat([Buffer.from(prefix ? 'HTTP/1.1 200 OK\r\n' : ''), noise])
      expect(['incomplete', 'refused', 'complete']).toContain(
        new ResponseHead().scan(bytes, 0, bytes.length),
      )
    }),
    { numRuns: 2000 },
  )
})
