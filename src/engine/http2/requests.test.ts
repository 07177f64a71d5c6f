/** Requests of HTTP/2 clients and their responses, with Node's own client. */
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { connectHttp2, responseTo, serveHttp2 } from '../../../test/support/http2.ts'
import { eventually, Origin } from '../../../test/support/peer.ts'
import { Reports } from '../../../test/support/reports.ts'
import { ok } from '../../../test/support/serving.ts'

const get = { ':path': '/' }

/** Answers each request with its own head. */
const mirror = () => Origin.answering((head) => ok(head))

describe.each(['handle', 'socket'] as const)('over %s wires', (wireKind) => {
  test('a request reaches the instance as HTTP/1.1, with what it is to know of the client', async () => {
    await using origin = await mirror()
    await using serving = await serveHttp2([origin], { wireKind })
    await using client = await connectHttp2(serving)
    const { status, headers, body } = await responseTo(
      client.request({
        ':path': '/a?b',
        ':authority': 'a.example',
        'x-own': 'c',
        'x-forwarded-for': '9.9.9.9',
      }),
    )
    expect(status).toBe(200)
    expect(headers['content-length']).toBe(String(body.length))
    expect(body).toBe(
      'GET /a?b HTTP/1.1\r\n' +
        'host: a.example\r\n' +
        'x-own: c\r\n' +
        'X-Forwarded-For: 9.9.9.9, 127.0.0.1\r\n' +
        'X-Forwarded-Proto: https\r\n' +
        `X-Forwarded-Port: ${serving.port}\r\n` +
        'Connection: keep-alive\r\n\r\n',
    )
  })

  test('requests run side by side, each on a connection to the instance of its own, which is used again', async () => {
    await using origin = await Origin.start()
    await using serving = await serveHttp2([origin], { wireKind })
    await using client = await connectHttp2(serving)
    const responses = ['/0', '/1', '/2'].map((path) =>
      responseTo(client.request({ ':path': path })),
    )
    await eventually(() => origin.peers.length === 3)
    for (const peer of origin.peers.toReversed()) {
      await peer.until('\r\n\r\n')
      peer.send(ok(peer.take().split(' ')[1] as string))
    }
    expect((await Promise.all(responses)).map(({ body }) => body)).toEqual(['/0', '/1', '/2'])
    const again = responseTo(client.request(get))
    await eventually(() => origin.peers.some(({ received }) => received !== ''))
    expect(origin.peers).toHaveLength(3)
    origin.peers.find(({ received }) => received !== '')?.send(ok('again'))
    expect((await again).body).toBe('again')
  })
})

test('a client that speaks HTTP/1.1 only is served beside', async () => {
  await using origin = await Origin.answering(ok('x'))
  await using serving = await serveHttp2([origin])
  await using client = await serving.connect({ ALPNProtocols: ['http/1.1'] })
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  expect(await client.until('\r\n\r\nx')).toContain('HTTP/1.1 200 OK')
})

test('a listener that HTTP/2 is switched off for gives new clients HTTP/1.1, and keeps those that it has', async () => {
  await using origin = await Origin.answering(ok('x'))
  await using serving = await serveHttp2([origin])
  await using client = await connectHttp2(serving)
  expect((await responseTo(client.request(get))).body).toBe('x')
  await serving.apply([origin], { http2: false })
  await using other = await serving.connect({ ALPNProtocols: ['h2', 'http/1.1'] })
  expect(other.tls.alpnProtocol).toBe('http/1.1')
  expect((await responseTo(client.request(get))).body).toBe('x')
})

test('cookies that were sent in pieces are one field', async () => {
  await using origin = await mirror()
  await using serving = await serveHttp2([origin])
  await using client = await connectHttp2(serving)
  const { body } = await responseTo(client.request({ ...get, cookie: ['a=1', 'b=2', 'c=3'] }))
  expect(body).toContain('\r\ncookie: a=1; b=2; c=3\r\n')
})

test('fields of a response that concern its connection are not passed on', async () => {
  const own =
    'Connection: close, X-Hop\r\nKeep-Alive: timeout=5\r\nX-Hop: a\r\nX-Own:  b \r\nSet-Cookie: c=d\r\nset-cookie: e=f'
  await using origin = await Origin.answering(
    `HTTP/1.1 201 Made\r\n${own}\r\nContent-Length: 1\r\n\r\nx`,
  )
  await using serving = await serveHttp2([origin])
  await using client = await connectHttp2(serving)
  const { headers } = await responseTo(client.request(get))
  expect(JSON.parse(JSON.stringify(headers))).toEqual({
    ':status': 201,
    'content-length': '1',
    'x-own': 'b',
    'set-cookie': ['c=d', 'e=f'],
  })
})

test.each([
  ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', 200, '5'],
  ['GET', 'HTTP/1.1 204 No Content\r\n\r\n', 204, undefined],
  ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', 304, '5'],
  ['GET', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 200, '0'],
])('the answer to %s that begins %j ends with its head', async (method, answer, status, length) => {
  await using origin = await Origin.answering(answer)
  await using serving = await serveHttp2([origin])
  await using client = await connectHttp2(serving)
  for (let i = 0; i < 2; i += 1) {
    const response = await responseTo(client.request({ ...get, ':method': method }))
    expect(response).toMatchObject({ status, body: '' })
    expect(response.headers['content-length']).toBe(length)
  }
  expect(origin.peers).toHaveLength(1)
})

test('interim answers come before the final one', async () => {
  await using origin = await Origin.answering(
    `HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n${ok('x')}`,
  )
  await using serving = await serveHttp2([origin])
  await using client = await connectHttp2(serving)
  const stream = client.request(get)
  const hints: string[] = []
  stream.on('headers', (headers) => hints.push(`${headers[':status']} ${headers.link}`))
  expect((await responseTo(stream)).body).toBe('x')
  expect(hints).toEqual(['103 </a.css>'])
})

test('a body of known length, and one that ends with its stream, reach the instance as such', async () => {
  await using origin = await Origin.start()
  await using serving = await serveHttp2([origin])
  await using client = await connectHttp2(serving)
  const known = client.request({ ...get, ':method': 'POST', 'content-length': '4' })
  known.end('body')
  const first = await origin.peer(0)
  await first.until('\r\n\r\nbody')
  expect(first.take()).toMatch(/\r\nContent-Length: 4\r\n/)
  first.send(ok(''))
  await responseTo(known)
  const open = client.request({ ...get, ':method': 'POST' })
  open.write('some ')
  await first.until('some ')
  open.end('more')
  await first.until('0\r\n\r\n')
  expect(first.received).toMatch(/\r\nTransfer-Encoding: chunked\r\n/)
  expect(first.received).toMatch(/\r\n\r\n5\r\nsome \r\n4\r\nmore\r\n0\r\n\r\n$/)
  first.send(ok(''))
  await responseTo(open)
})

test('a body of an answer that ends with its connection ends its stream', async () => {
  await using origin = await Origin.start((peer) => {
    peer.socket.once('data', () => peer.socket.end('HTTP/1.1 200 OK\r\n\r\nall of it'))
  })
  await using serving = await serveHttp2([origin])
  await using client = await connectHttp2(serving)
  expect((await responseTo(client.request(get))).body).toBe('all of it')
})

test('trailers pass both ways, as gRPC wants', async () => {
  await using origin = await Origin.start()
  await using serving = await serveHttp2([origin])
  await using client = await connectHttp2(serving)
  const stream = client.request(
    { ...get, ':method': 'POST', te: 'trailers', 'content-type': 'application/grpc' },
    { endStream: false, waitForTrailers: true } as object,
  )
  stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '1', 'content-length': '7' }))
  stream.end('message')
  const target = await origin.peer(0)
  await target.until('\r\n\r\n7\r\nmessage\r\n0\r\n')
  await target.until('x-sum')
  expect(target.received).toMatch(/\r\nTE: trailers\r\n/)
  expect(target.received).toMatch(/0\r\nx-sum: 1\r\n\r\n$/)
  target.send(
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nreply\r\n0\r\nGrpc-Status: 0\r\n\r\n',
  )
  const { body, trailers } = await responseTo(stream)
  expect(body).toBe('reply')
  expect(JSON.stringify(trailers)).toBe('{"grpc-status":"0"}')
})

test('an answer that comes before the request is whole is passed on, and ends the stream', async () => {
  await using origin = await Origin.start((peer) => {
    peer.socket.once('data', () => peer.send(ok('no')))
  })
  await using serving = await serveHttp2([origin])
  await using client = await connectHttp2(serving)
  const stream = client.request({ ...get, ':method': 'POST' })
  stream.write('a part')
  expect((await responseTo(stream)).body).toBe('no')
  await eventually(() => serving.engine.open().targetConnections === 0)
  expect((await responseTo(client.request(get))).body).toBe('no')
})

test.each([
  ['nobody serves', [], 503],
  ['an answer is malformed', ['nonsense\r\n\r\n'], 502],
  ['a head is larger than allowed', [`HTTP/1.1 200 OK\r\nA: ${'a'.repeat(70_000)}\r\n\r\n`], 502],
])(
  'the load balancer answers itself where %s, and other requests go on',
  async (_, answers, status) => {
    const origins = await Promise.all(answers.map((answer) => Origin.answering(answer)))
    await using serving = await serveHttp2(origins)
    await using client = await connectHttp2(serving)
    for (let i = 0; i < 2; i += 1) {
      const response = await responseTo(client.request(get))
      expect(response.status).toBe(status)
      expect(response.headers).toMatchObject({ server: 'weir', 'content-type': 'text/html' })
      expect(response.body).toContain(`<h1>${status} `)
    }
    for (const origin of origins) await origin[Symbol.asyncDispose]()
  },
)

test('a response that breaks off resets its stream, and only that', async () => {
  await using origin = await Origin.start()
  await using serving = await serveHttp2([origin])
  await using client = await connectHttp2(serving)
  const broken = client.request(get)
  const first = await origin.peer(0)
  await first.until('\r\n\r\n')
  first.send('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab')
  await once(broken, 'response')
  first.socket.destroy()
  await expect(responseTo(broken)).rejects.toMatchObject({ code: 'ERR_HTTP2_STREAM_ERROR' })
  const other = responseTo(client.request(get))
  const second = await origin.peer(1)
  second.send(ok('fine'))
  expect((await other).body).toBe('fine')
})

test('a client that gives a request up frees the instance', async () => {
  await using origin = await Origin.start()
  await using serving = await serveHttp2([origin])
  await using client = await connectHttp2(serving)
  const stream = client.request(get)
  stream.on('error', () => {})
  const target = await origin.peer(0)
  await target.until('\r\n\r\n')
  stream.close(8)
  await target.untilEnded()
  await eventually(() => serving.engine.open().targetConnections === 0)
  expect(serving.engine.open()).toMatchObject({ clientConnections: 1, targetConnections: 0 })
})

test('a listener’s stickiness keeps a client with one instance', async () => {
  await using one = await Origin.answering(ok('one'))
  await using two = await Origin.answering(ok('two'))
  await using serving = await serveHttp2([one, two])
  const key = Buffer.alloc(32, 'k').toString('base64')
  await serving.apply([one, two], { stickiness: { kind: 'lb-cookie', key, lifetime: null } })
  await using client = await connectHttp2(serving)
  const first = await responseTo(client.request(get))
  const [cookie = ''] = first.headers['set-cookie'] ?? []
  expect(cookie).toMatch(/^AWSELB=[^;]+;PATH=\/$/)
  for (let i = 0; i < 3; i += 1) {
    const bound = { ...get, cookie: cookie.split(';')[0] }
    const again = await responseTo(client.request(bound))
    expect(again.body).toBe(first.body)
    expect(again.headers).not.toHaveProperty('set-cookie')
  }
})

test('each request is counted, and reported when it is over', async () => {
  const observer = new Reports()
  await using origin = await Origin.answering(ok('four'))
  await using serving = await serveHttp2([origin], { observer })
  await using client = await connectHttp2(serving)
  await responseTo(client.request(get))
  const post = client.request({ ':path': '/p', ':method': 'POST', 'content-length': '2' })
  post.end('ab')
  await responseTo(post)
  expect(observer.exchanges).toMatchObject([
    {
      method: 'GET',
      requestTarget: '/',
      version: '2.0',
      status: 200,
      receivedBytes: 0,
      sentHeadBytes: ok('four').length - 4,
      sentBytes: 4,
    },
    { method: 'POST', requestTarget: '/p', status: 200, receivedBytes: 2, sentBytes: 4 },
  ])
  expect(serving.engine.counters()[0]).toMatchObject({ requests: 2, connections: 1, target2xx: 2 })
})
