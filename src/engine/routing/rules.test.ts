// biome-ignore-all lint/suspicious/noTemplateCurlyInString: rules have templates of their own
import { describe, expect, test } from 'vitest'
import { connectHttp2, responseTo, serveHttp2 } from '../../../test/support/http2.ts'
import { Origin } from '../../../test/support/peer.ts'
import { RoutedSite, rule, to } from '../../../test/support/routed-site.ts'
import { ok } from '../../../test/support/serving.ts'
import type { RedirectAction, RequestCondition } from '../../snapshot/routing.ts'

const host = (...values: string[]): RequestCondition => ({ kind: 'host', values })
const path = (match: 'exact' | 'prefix' | 'regex', ...values: string[]): RequestCondition => ({
  kind: 'path',
  match,
  values,
})

type Case = readonly [
  condition: RequestCondition,
  target: string,
  fields?: readonly string[] | undefined,
  method?: string,
  holds?: boolean,
]

describe('a condition holds, or does not', () => {
  const cases: readonly Case[] = [
    [host('shop.example'), '/', ['Host: shop.example']],
    [host('shop.example'), '/', ['Host: SHOP.Example.:8080']],
    [host('other', 'Shop.example'), '/', ['Host: shop.example']],
    [host('shop.example'), '/', ['Host: a.shop.example'], 'GET', false],
    [host('*.shop.example'), '/', ['Host: a.b.shop.example']],
    [host('*.shop.example'), '/', ['Host: shop.example'], 'GET', false],
    [host('*.shop.example'), '/', ['Host: .shop.example'], 'GET', false],
    [host('shop.example'), 'http://shop.example:81/', ['Host: other']],
    [path('exact', '/a'), '/a?b=c'],
    [path('exact', '/a'), '/a/', undefined, 'GET', false],
    [path('exact', '/a'), '/A', undefined, 'GET', false],
    [path('exact', '/a'), 'http://shop.example/a', ['Host: other']],
    [path('prefix', '/a'), '/abc'],
    [path('prefix', '/a/', '/b'), '/b'],
    [path('prefix', '/a/'), '/a', undefined, 'GET', false],
    [path('regex', '^/v[0-9]+/'), '/v12/users'],
    [path('regex', '^/v[0-9]+/'), '/va/users', undefined, 'GET', false],
    [path('regex', 'users$'), '/v1/users?x'],
    [path('regex', '('), '/(', undefined, 'GET', false],
    [path('regex', '(', 'a$'), '/a'],
    [{ kind: 'method', values: ['PUT', 'DELETE'] }, '/', ['Host: a'], 'DELETE'],
    [{ kind: 'method', values: ['PUT'] }, '/', ['Host: a'], 'GET', false],
    [{ kind: 'header', name: 'X-Version', values: ['2.*'] }, '/', ['Host: a', 'x-VERSION:  2.1 ']],
    [{ kind: 'header', name: 'X-V', values: ['a?c', 'd'] }, '/', ['Host: a', 'X-V: x', 'X-V: abc']],
    [{ kind: 'header', name: 'X-V', values: ['a'] }, '/', ['Host: a', 'X-V: ab'], 'GET', false],
    [{ kind: 'header', name: 'X-V', values: ['*'] }, '/', ['Host: a'], 'GET', false],
    [{ kind: 'query', name: 'q', values: ['a*c'] }, '/?p=1&q=a%20b+c'],
    [{ kind: 'query', name: 'q', values: [''] }, '/?q'],
    [{ kind: 'query', name: 'q', values: ['*'] }, '/?qq=1', undefined, 'GET', false],
    [{ kind: 'query', name: 'q', values: ['%zz'] }, '/?q=%zz'],
    [
      { kind: 'cookie', name: 'user', values: ['be?a'] },
      '/',
      ['Host: a', 'Cookie: x=1; user=beta'],
    ],
    [
      { kind: 'cookie', name: 'user', values: ['beta'] },
      '/',
      ['Host: a', 'Cookie: auser=beta'],
      'GET',
      false,
    ],
    [{ kind: 'source', addresses: ['127.0.0.0/8'] }, '/'],
    [{ kind: 'source', addresses: ['192.0.2.1', '::1'] }, '/', undefined, 'GET', false],
  ]
  test.each(cases)('%j: %s %j %s', async (...row) => {
    const [condition, target, fields, method, holds = true] = row as unknown as Case
    await using site = await RoutedSite.start([rule(to('a'), condition)])
    expect(await site.get(target, fields, method)).toBe(holds ? 'a' : 'pool')
  })
})

test('the first rule decides whose conditions all hold', async () => {
  await using site = await RoutedSite.start([
    rule(to('a'), host('shop.example'), path('prefix', '/api')),
    rule(to('b'), host('shop.example')),
    rule(to('c')),
  ])
  expect(await site.get('/api/1', ['Host: shop.example'])).toBe('a')
  expect(await site.get('/other', ['Host: shop.example'])).toBe('b')
  expect(await site.get('/api/1', ['Host: other.example'])).toBe('c')
})

test('a change is for the next request of connections that stand', async () => {
  await using site = await RoutedSite.start([rule(to('a'))])
  await using client = await site.connect()
  const get = async () => {
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    const received = await client.until(/\r\n\r\n\w+$/)
    client.take()
    return /\w+$/.exec(received)?.[0]
  }
  expect(await get()).toBe('a')
  await site.apply([rule(to('b'))])
  expect(await get()).toBe('b')
  await site.apply([])
  expect(await get()).toBe('pool')
})

test('requests are shared out over the pools of a rule by weight', async () => {
  const pools = [
    { pool: 'a', weight: 3 },
    { pool: 'b', weight: 1 },
    { pool: 'c', weight: 0 },
  ]
  await using site = await RoutedSite.start([rule({ kind: 'forward', pools })])
  let answers = ''
  for (let i = 0; i < 8; i += 1) answers += await site.get('/')
  expect([...answers].sort().join('')).toBe('aaaaaabb')
})

test('a client that is bound to a target of one of the pools stays with it', async () => {
  const key = Buffer.alloc(32, 1).toString('base64')
  const pools = ['a', 'b'].map((pool) => ({
    pool,
    weight: 1,
    stickiness: { kind: 'lb-cookie', key, lifetime: null, name: `BOUND-${pool}` } as const,
  }))
  await using site = await RoutedSite.start([rule({ kind: 'forward', pools })])
  await using client = await site.connect()
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const first = await client.until(/\r\n\r\n[ab]$/)
  const [, cookie = ''] = /Set-Cookie: (BOUND-[ab]=[0-9A-F]+);/.exec(first) ?? []
  for (let i = 0; i < 6; i += 1) {
    expect(await site.get('/', ['Host: a', `Cookie: ${cookie}`])).toBe(first.at(-1))
  }
})

describe('a redirect', () => {
  const action = (change: Partial<RedirectAction>): RedirectAction => ({
    kind: 'redirect',
    status: 301,
    protocol: '${protocol}',
    host: '${host}',
    port: '${port}',
    path: '${path}',
    query: '${query}',
    ...change,
  })
  const location = async (change: Partial<RedirectAction>, target: string, fields?: string[]) => {
    await using site = await RoutedSite.start([rule(action(change))])
    return /^HTTP\/1\.1 \d+ [\w ]+\r\n[\s\S]*\r\nLocation: (.*)\r\n/.exec(
      await site.get(target, fields),
    )?.[1]
  }

  test.each([
    [{ protocol: 'HTTPS', port: '443' }, '/a/b?c=d&e', 'https://site.example/a/b?c=d&e'],
    [{ protocol: 'https', port: '8443' }, '/', 'https://site.example:8443/'],
    [{}, '/a', 'http://site.example:8080/a'],
    [{ port: '80' }, '/a', 'http://site.example/a'],
    [
      { host: 'www.${host}', path: '/new${path}', query: '' },
      '/a?b',
      'http://www.site.example:8080/new/a',
    ],
    [{ query: 'from=${host}&${query}' }, '/?a', 'http://site.example:8080/?from=site.example&a'],
    [{ path: '/ä ${other}' }, '/', 'http://site.example:8080/%C3%A4%20${other}'],
    [{}, '/\xe9', 'http://site.example:8080/%E9'],
  ])('%j of %s leads to %s', async (change, target, expected) => {
    expect(await location(change, target)).toBe(expected)
  })

  test.each([301, 302, 303, 307, 308] as const)('of %i keeps the connection', async (status) => {
    await using site = await RoutedSite.start([rule(action({ status }), path('exact', '/'))])
    await using client = await site.connect()
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(await client.until(/pool$/)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  })

  test('nothing that a client sends gets out of the Location field', async () => {
    await using site = await RoutedSite.start([rule(action({}))])
    const answer = await site.get('/a%0d%0aSet-Cookie:x?%0d%0a', ['Host: b'])
    expect(answer).toContain('\r\nLocation: http://b:8080/a%0d%0aSet-Cookie:x?%0d%0a\r\n')
  })
})

describe('a fixed answer', () => {
  const answer = (status: number, body = 'Grüße', contentType = 'text/plain') =>
    rule({ kind: 'answer', status, contentType, body }, path('prefix', '/fixed'))

  test('has the status, the type and the body, and the connection goes on', async () => {
    await using site = await RoutedSite.start([answer(404)])
    await using client = await site.connect()
    client.send('GET /fixed HTTP/1.1\r\nHost: a\r\n\r\n')
    const received = await client.until('Gr\xc3\xbc\xc3\x9fe')
    expect(received).toMatch(
      /^HTTP\/1\.1 404 Not Found\r\n[\s\S]*\r\nContent-Type: text\/plain\r\nContent-Length: 7\r\n\r\nGr\xc3\xbc\xc3\x9fe$/,
    )
    client.send('HEAD /fixed HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(await client.until(/pool$/)).toMatch(/Content-Length: 7\r\n\r\nHTTP\/1\.1 200/)
    expect(site.serving.engine.counters()[0]).toMatchObject({ requests: 3, engine4xx: 2 })
  })

  test('of 204 has no body', async () => {
    await using site = await RoutedSite.start([answer(204)])
    const received = await site.get('/fixed')
    expect(received).toMatch(/^HTTP\/1\.1 204 No Content\r\n/)
    expect(received).not.toMatch(/Content-|Gr/)
  })

  test('to a request whose body is still to come ends the connection', async () => {
    await using site = await RoutedSite.start([answer(403, 'no')])
    await using client = await site.connect()
    client.send('POST /fixed HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf')
    await client.untilEnded()
    expect(client.received).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n[\s\S]*Connection: close/)
  })

  test('to a request whose body came whole does not', async () => {
    await using site = await RoutedSite.start([answer(200, 'yes')])
    await using client = await site.connect()
    client.send('POST /fixed HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody')
    await client.until('yes')
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.until(/pool$/)
  })
})

test('rules are for HTTP/2 too', async () => {
  await using origin = await Origin.answering(ok('pool'))
  await using serving = await serveHttp2([origin])
  await serving.apply([origin], {
    rules: [
      rule(
        { kind: 'answer', status: 418, contentType: 'text/html', body: 'tea' },
        host('tea.example'),
      ),
      rule(
        {
          kind: 'redirect',
          status: 308,
          protocol: '${protocol}',
          host: 'new.example',
          port: '443',
          path: '${path}',
          query: '${query}',
        },
        path('prefix', '/old'),
      ),
    ],
  })
  await using client = await connectHttp2(serving)
  const tea = await responseTo(client.request({ ':authority': 'tea.example' }))
  expect(tea).toMatchObject({ status: 418, body: 'tea', headers: { 'content-type': 'text/html' } })
  const moved = await responseTo(client.request({ ':path': '/old/1?a=b' }))
  expect(moved).toMatchObject({
    status: 308,
    headers: { location: 'https://new.example/old/1?a=b' },
  })
  expect((await responseTo(client.request({}))).body).toBe('pool')
  const posted = client.request({ ':method': 'POST', ':authority': 'tea.example' })
  posted.on('error', () => {})
  expect((await responseTo(posted)).status).toBe(418)
})
