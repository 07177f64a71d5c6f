/** What is known to turn one HTTP/2 request into two of HTTP/1.1, against an instance that writes down all that reaches it. */
import { describe, expect, test } from 'vitest'
import { type Fields, FramePeer, getRoot, postTo, serveHttp2 } from '../../../test/support/http2.ts'
import { recordingOrigin, type WrittenRequest } from '../../../test/support/recording-origin.ts'

const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'
const chunked = `0\r\n\r\n${smuggled}`
const [method, scheme, path, authority] = getRoot as readonly [
  Fields[0],
  Fields[0],
  Fields[0],
  Fields[0],
]

function get(...more: Fields): Fields {
  return [...getRoot, ...more]
}

const attacks: readonly (readonly [string, Fields, string])[] = [
  ['H2.CL', postTo('/', ['content-length', '0']), smuggled],
  ['H2.CL on GET', get(['content-length', '0']), smuggled],
  ['H2.CL too long', postTo('/', ['content-length', '400']), 'x'],
  ['H2.TE', postTo('/', ['transfer-encoding', 'chunked']), chunked],
  ['H2.TE of an unknown coding', postTo('/', ['transfer-encoding', 'xchunked']), chunked],
  ['a body of GET', getRoot, smuggled],
  ['CRLF in a value', get(['a', `b\r\n\r\n${smuggled}`]), ''],
  ['LF in a value', get(['a', 'b\ntransfer-encoding: chunked']), ''],
  ['CR in a value', postTo('/', ['a', 'b\rtransfer-encoding: chunked']), chunked],
  ['NUL in a value', get(['a', 'b\0transfer-encoding: chunked']), ''],
  ['CRLF in a name', get([`a: b\r\ntransfer-encoding`, 'chunked']), ''],
  ['a colon in a name', postTo('/', ['transfer-encoding: chunked\r\na', 'b']), chunked],
  ['a colon that ends a name', postTo('/', ['transfer-encoding:', 'chunked']), chunked],
  ['a space that ends a name', postTo('/', ['transfer-encoding ', 'chunked']), chunked],
  [
    'CRLF in the path',
    [method, scheme, [':path', `/ HTTP/1.1\r\nHost: a\r\n\r\n${smuggled}`], authority],
    '',
  ],
  ['a version in the path', [method, scheme, [':path', '/smuggled HTTP/1.1'], authority], ''],
  ['a tab in the path', [method, scheme, [':path', '/smuggled\tHTTP/1.1'], authority], ''],
  ['a whole URI in the path', [method, scheme, [':path', 'http://b/smuggled'], authority], ''],
  [
    'a request line in the method',
    [[':method', 'GET /smuggled HTTP/1.1\r\na: b'], scheme, path, authority],
    '',
  ],
  ['a space in the method', [[':method', 'GET /smuggled'], scheme, path, authority], ''],
  ['CRLF in the authority', [method, scheme, path, [':authority', `a\r\n\r\n${smuggled}`]], ''],
  ['a space in the authority', [method, scheme, path, [':authority', 'a b']], ''],
  ['a path in the authority', [method, scheme, path, [':authority', 'a/smuggled?']], ''],
  ['a user in the authority', [method, scheme, path, [':authority', 'b@a']], ''],
  ['CRLF in the scheme', [method, [':scheme', `https\r\n\r\n${smuggled}`], path, authority], ''],
  ['a request in the scheme', [method, [':scheme', 'https://b/smuggled?'], path, authority], ''],
  ['CRLF in Host', [method, scheme, path, ['host', `a\r\n\r\n${smuggled}`]], ''],
  ['another Host', get(['host', 'b']), ''],
  ['CRLF in a cookie', get(['cookie', 'a=b'], ['cookie', `c\r\n\r\n${smuggled}`]), ''],
  ['CRLF in a length', postTo('/', ['content-length', `0\r\n\r\n${smuggled}`]), smuggled],
  ['a signed length', postTo('/', ['content-length', '+0']), smuggled],
  ['lengths', postTo('/', ['content-length', '0'], ['content-length', '4']), 'body'],
  ['a list of lengths', postTo('/', ['content-length', '4, 4']), 'body'],
  ['Connection that names the length', postTo('/', ['connection', 'content-length']), 'body'],
  ['Upgrade', get(['upgrade', 'h2c']), ''],
]

describe.each(['monitor', 'defensive', 'strictest'] as const)('in %s mode', (desync) => {
  test.each(attacks)('%s', async (_, fields, body) => {
    const requests: WrittenRequest[] = []
    const faults: string[] = []
    await using origin = await recordingOrigin(requests, faults)
    await using serving = await serveHttp2([origin], { desync })
    await using client = await FramePeer.connect(serving)
    const stream = client.request(fields, body === '')
    if (body !== '') client.data(stream, body, true)
    await client.response(stream)
    for (let i = 0; i < 3; i += 1) {
      const other = client.request([method, scheme, [':path', `/other-${i}`], authority])
      expect((await client.response(other)).body).toBe(`/other-${i}`)
    }
    expect(faults).toEqual([])
    const own = requests.filter(({ target }) => !target.startsWith('/other'))
    expect(own.filter(({ target }) => target.includes('smuggled'))).toEqual([])
    // What is served of an attack is the one request that everybody reads it as.
    expect(own.length).toBeLessThan(2)
  })
})

test('a request that looks like framing is examined as one of HTTP/1.1', async () => {
  const requests: WrittenRequest[] = []
  await using origin = await recordingOrigin(requests, [])
  await using serving = await serveHttp2([origin], { desync: 'strictest' })
  await using client = await FramePeer.connect(serving)
  const refused = await client.response(client.request(get(['content_length', '4'])))
  expect(refused.fields[0]).toBe(':status: 400')
  expect(requests).toEqual([])
  expect(serving.engine.counters()[0]?.nonCompliantRequests).toEqual({ SuspiciousHeader: 1 })
})
