/** What is known to split requests between two servers, against an instance that writes down all that reaches it. */
import { describe, expect, test } from 'vitest'
import { eventually } from '../../../test/support/peer.ts'
import { recordingOrigin, type WrittenRequest } from '../../../test/support/recording-origin.ts'
import { Serving } from '../../../test/support/serving.ts'

const marker = 'GET /marker HTTP/1.1\r\nHost: a\r\n\r\n'
const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'
const chunked = `${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`
const long = 'Content-Length: 4000\r\n'
const te = 'Transfer-Encoding: chunked\r\n'

function post(fields: string, body = ''): string {
  return `POST / HTTP/1.1\r\nHost: a\r\n${fields}\r\n${body}`
}

/** Framing that one server may read and another not, beside a length that ends before the body does, or at once. */
function hiddenChunked(field: string): [string, string][] {
  const name = JSON.stringify(field)
  return [
    [`TE.CL ${name}`, post(`Content-Length: 4\r\n${field}\r\n`, chunked)],
    [`CL.TE ${name}`, post(`${field}\r\nContent-Length: 5\r\n`, `0\r\n\r\n${smuggled}`)],
    [`TE.0 ${name}`, post(`${field}\r\n`, chunked)],
  ]
}

const payloads: readonly (readonly [string, string])[] = [
  ...hiddenChunked('Transfer-Encoding: chunked'),
  ...hiddenChunked('Transfer-Encoding : chunked'),
  ...hiddenChunked('Transfer-Encoding\t: chunked'),
  ...hiddenChunked('Transfer-Encoding: xchunked'),
  ...hiddenChunked('Transfer-Encoding: chunked, identity'),
  ...hiddenChunked('Transfer-Encoding: identity, chunked, identity, chunked'),
  ...hiddenChunked('Transfer-Encoding: chunked\r\nTransfer-Encoding: x'),
  ...hiddenChunked('Transfer-Encoding: x\r\nTransfer-Encoding: chunked'),
  ...hiddenChunked('Transfer-Encoding: chunked;q=1'),
  ...hiddenChunked('Transfer-Encoding: "chunked"'),
  ...hiddenChunked('Transfer-Encoding:\x0bchunked'),
  ...hiddenChunked('Transfer-Encoding: \0chunked'),
  ...hiddenChunked('Transfer-Encoding: chunked\r'),
  ...hiddenChunked('Transfer-Encoding:\r\n chunked'),
  ...hiddenChunked('A: b\r\n Transfer-Encoding: chunked'),
  ...hiddenChunked('A: b\rTransfer-Encoding: chunked'),
  ...hiddenChunked('A: b\nTransfer-Encoding: chunked'),
  ...hiddenChunked('A: b\0Transfer-Encoding: chunked'),
  ...hiddenChunked('\rTransfer-Encoding: chunked'),
  ...hiddenChunked('\x01Transfer-Encoding: chunked'),
  ...hiddenChunked('Transfer_Encoding: chunked'),
  ...hiddenChunked('TransferEncoding: chunked'),
  ...hiddenChunked('Tran\xc5\xbffer-Encoding: chunked'),
  ...hiddenChunked('Transfer-Encoding chunked'),
  ...hiddenChunked('Connection: transfer-encoding\r\nTransfer-Encoding: chunked'),
  ['CL.0', post(`Content-Length: ${smuggled.length}\r\n`, smuggled)],
  [
    'CL.0 on GET',
    `GET / HTTP/1.1\r\nHost: a\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
  ],
  ['0.CL', post('Content_Length: 4000\r\n')],
  ['0.CL with a space', post('Content-Length : 4000\r\n')],
  ['0.CL that Connection names', post('Connection: content-length\r\nContent-Length: 0\r\n')],
  ['CL.CL', post(`Content-Length: 0\r\n${long}`, smuggled)],
  ['CL.CL reversed', post(`${long}Content-Length: 0\r\n`, smuggled)],
  ['CL.CL equal', post('Content-Length: 1\r\nContent-Length: 1\r\n', `b${smuggled}`)],
  ['CL list', post('Content-Length: 0, 0\r\n', smuggled)],
  ['CL signed', post('Content-Length: +0\r\n', smuggled)],
  ['CL empty', post('Content-Length:\r\n', smuggled)],
  ['CL folded', post('Content-Length: 0\r\n 1\r\n', smuggled)],
  ['CL hex', post('Content-Length: 0x1\r\n', smuggled)],
  ['CL beyond 64 bits', post('Content-Length: 18446744073709551617\r\n', smuggled)],
  ['chunk extension with LF', post(te, `1;a\nb\r\nc\r\n0\r\n\r\n${smuggled}`)],
  ['chunk extension with CR', post(te, `1;a\rb\r\nc\r\n0\r\n\r\n${smuggled}`)],
  ['chunk extension', post(te, `1;a="\r\n\r\n0\r\n\r\n${smuggled}`)],
  ['chunk size with LF', post(te, `1\nb\n0\n\n${smuggled}`)],
  ['chunk size beyond numbers', post(te, `10000000000000001\r\nb\r\n0\r\n\r\n${smuggled}`)],
  ['chunk size signed', post(te, `-1\r\nb\r\n0\r\n\r\n${smuggled}`)],
  ['chunk size in 0x', post(te, `0x1\r\nb\r\n0\r\n\r\n${smuggled}`)],
  ['chunk too long', post(te, `1\r\nbb\r\n0\r\n\r\n${smuggled}`)],
  ['trailer without its end', post(te, `0\r\nA: b\n\n${smuggled}`)],
  ['framing in a trailer', post(te, '0\r\nContent-Length: 4000\r\n\r\n')],
  ['a look-alike in a trailer', post(te, '0\r\nContent_Length: 4000\r\nA: b\r\n\r\n')],
  ['HTTP/0.9', `GET /\r\n\r\n${smuggled}`],
  [
    'HTTP/0.9 with a length',
    `POST / HTTP/0.9\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
  ],
  ['HTTP/1.0 with codings', `POST / HTTP/1.0\r\n${te}\r\n0\r\n\r\n${smuggled}`],
  [
    'a version within the URI',
    `POST / HTTP/1.1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nb${smuggled}`,
  ],
  ['CR in the URI', 'GET /\rA: b HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['LF in the URI', 'GET /\nHost: a\n\n'],
  ['a blank line with blanks', `GET / HTTP/1.1\r\nHost: a\r\n \r\n${smuggled}`],
  ['a blank line of CR', `GET / HTTP/1.1\r\nHost: a\r\n\r\r\n${smuggled}`],
  ['two empty lines first', `\r\n\r\n${smuggled}`],
  ['hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
  ['a host with a space', 'GET / HTTP/1.1\r\nHost : b\r\nHost: a\r\n\r\n'],
  ['Expect', post(`Expect: 100-continue\r\nContent-Length: 4\r\n${te}`, chunked)],
  ['an h2c upgrade', 'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n'],
]

describe.each(['monitor', 'defensive', 'strictest'] as const)('in %s mode', (desync) => {
  test.each(payloads)('%s', async (_, payload) => {
    const requests: WrittenRequest[] = []
    const faults: string[] = []
    await using origin = await recordingOrigin(requests, faults)
    await using serving = await Serving.start([origin], { desync, idleTimeout: 60_000 })
    await using client = await serving.connect()
    client.send(payload + marker)
    await eventually(() => client.ended || client.received.endsWith('/marker'))
    await using other = await serving.connect()
    for (let i = 0; i < 3; i += 1) {
      const target = `/other-${i}`
      other.take()
      other.send(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`)
      await other.until(new RegExp(`^HTTP/1\\.1 200 [\\s\\S]*\r\n\r\n${target}$`))
    }
    expect(faults).toEqual([])
    const own = requests.filter(({ target }) => !target.startsWith('/other'))
    expect(own.filter(({ body }) => body.includes('/marker'))).toEqual([])
    expect(own.filter(({ body }) => /\r\ncontent.?length:/i.test(body))).toEqual([])
    expect(own.filter(({ target }) => target === '/smuggled')).toEqual([])
    const answers = client.received.match(/HTTP\/1\.1 200 OK/g) ?? []
    expect(own).toHaveLength(answers.length)
  })
})
