import { expect, test } from 'vitest'
import { Origin } from '../../../test/support/peer.ts'
import { Serving } from '../../../test/support/serving.ts'
import { answerOf, cookieField, StickySite } from '../../../test/support/sticky-site.ts'
import type { LbCookieStickiness } from '../../snapshot/stickiness.ts'

const key = Buffer.alloc(32, 7).toString('base64')
const minute: LbCookieStickiness = { kind: 'lb-cookie', key, lifetime: 60_000 }

test('the first response sets both cookies; they bind, and are not set again', async () => {
  await using site = await StickySite.start(minute)
  const first = await site.get()
  const [, token = ''] = /^AWSELB=([0-9A-F]{40});/.exec(first.cookies[0] ?? '') ?? []
  expect(first.cookies).toEqual([
    `AWSELB=${token};PATH=/;MAX-AGE=60`,
    `AWSELBCORS=${token};PATH=/;MAX-AGE=60;SECURE;SAMESITE=None`,
  ])
  expect(first.head).toContain('\r\nCache-Control: no-cache="set-cookie"\r\n')
  for (const field of [
    `Cookie: AWSELB=${token}`,
    `Cookie: AWSELBCORS=${token}`,
    `Cookie: AWSELB=${token}; AWSELBCORS=${token}`,
    `Cookie: AWSELB=forged; AWSELBCORS=${token}`,
    `Cookie: AWSELB=forged; AWSELB=${token}`,
  ]) {
    for (let i = 0; i < 4; i += 1) {
      const { by, head } = await site.get(field)
      expect(by).toBe(first.by)
      expect(head).not.toMatch(/Set-Cookie|Cache-Control/)
      expect(site.requests.at(-1)).toContain(`\r\n${field}\r\n`)
    }
  }
})

test('without cookies, the balancing algorithm chooses', async () => {
  await using site = await StickySite.start(minute)
  const by = new Set<string>()
  for (let i = 0; i < 3; i += 1) by.add((await site.get()).by)
  expect(by).toEqual(new Set('abc'))
})

test('without a period, the cookies last as long as the browser', async () => {
  await using site = await StickySite.start({ ...minute, lifetime: null })
  const { cookies } = await site.get()
  expect(cookies[0]).toMatch(/^AWSELB=[0-9A-F]+;PATH=\/$/)
  expect(cookies[1]).toMatch(/^AWSELBCORS=[0-9A-F]+;PATH=\/;SECURE;SAMESITE=None$/)
})

test('that a cookie should have expired is not checked', async () => {
  await using site = await StickySite.start(minute)
  const bound = await site.get()
  site.serving.clock.advance(600_000)
  for (let i = 0; i < 4; i += 1) {
    const { by, cookies } = await site.get(cookieField(...bound.cookies))
    expect([by, cookies]).toEqual([bound.by, []])
  }
})

test('an unhealthy instance is as no cookie: another one, and its cookies', async () => {
  await using site = await StickySite.start(minute)
  await site.fail('')
  const bound = await site.from('a')
  await site.fail('a')
  const moved = await site.get(cookieField(...bound.cookies))
  expect(moved.by).not.toBe('a')
  expect(moved.cookies).toHaveLength(2)
  await site.fail('')
  for (let i = 0; i < 4; i += 1) {
    expect(await site.get(cookieField(...moved.cookies))).toMatchObject({
      by: moved.by,
      cookies: [],
    })
    expect(await site.get(cookieField(...bound.cookies))).toMatchObject({ by: 'a', cookies: [] })
  }
})

test('an instance that is deregistered, and then one that cannot be reached, lose the session', async () => {
  await using site = await StickySite.start(minute)
  const bound = await site.from('a')
  await site.register('bc')
  expect((await site.get(cookieField(...bound.cookies))).cookies).toHaveLength(2)
  const next = await site.from('b')
  await site.origins[1]?.[Symbol.asyncDispose]()
  const moved = await site.get(cookieField(...next.cookies))
  expect(moved.by).toBe('c')
  expect(moved.cookies).toHaveLength(2)
  expect(moved.cookies).toEqual((await site.from('c')).cookies)
})

test('a forged, truncated or otherwise odd cookie never binds, and is never an error', async () => {
  await using site = await StickySite.start(minute)
  const { cookies } = await site.get()
  const value = cookies[0]?.split(/[=;]/)[1] ?? ''
  const forgeries = [
    '',
    '=',
    value.slice(0, -1),
    `${value}00`,
    value.toLowerCase(),
    value.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')),
    '__proto__',
    'a'.repeat(8000),
    '\xff\x80',
    '"',
    '%00',
    `${value},x`,
  ]
  for (const forgery of forgeries) {
    const { head, cookies: set } = await site.get(`Cookie: AWSELB=${forgery}`)
    expect([forgery, head.split('\r\n')[0], set.length]).toEqual([forgery, 'HTTP/1.1 200 OK', 2])
  }
})

test('cookies are good on every engine, on listeners of the same pool, and nowhere else', async () => {
  await using site = await StickySite.start(minute)
  await using twin = await StickySite.start(minute)
  const targets = [...'abc'].map((id, index) => {
    const { host = '', port = 0 } = site.origins[index] ?? {}
    return { id, host, port, zone: 'a', check: null }
  })
  const bound = async (where: StickySite, field: string) => {
    const counts = new Set<string>()
    for (let i = 0; i < 4; i += 1) {
      const { by, cookies } = await where.get(field)
      counts.add(cookies.length === 0 ? by : 'unbound')
    }
    return [...counts]
  }
  await site.register('', {}, { targets })
  await twin.register('', { id: 'other listener' }, { targets })
  const field = cookieField(...(await site.from('b')).cookies)
  expect(await bound(twin, field)).toEqual(['b'])
  const otherKey = Buffer.alloc(32, 8).toString('base64')
  await twin.register('', { stickiness: { ...minute, key: otherKey } }, { targets })
  expect(await bound(twin, field)).toEqual(['unbound'])
  await twin.register('', { pool: 'another port' }, { targets, id: 'another port' })
  expect(await bound(twin, field)).toEqual(['unbound'])
})

test('a binding goes before the zone of the node', async () => {
  await using site = await StickySite.start(minute)
  const { cookies } = await site.from('a')
  const targets = site.origins.map(({ host, port }, index) => ({
    id: `t-${port}`,
    host,
    port,
    zone: index === 0 ? 'elsewhere' : 'a',
    check: null,
  }))
  await site.register('', {}, { targets, crossZone: false })
  for (let i = 0; i < 4; i += 1) {
    expect((await site.get(cookieField(...cookies))).by).toBe('a')
    expect((await site.get()).by).not.toBe('a')
  }
})

test('cookies come behind those of the instance, and leave its word to caches alone', async () => {
  await using site = await StickySite.start(minute)
  site.fields = ['Set-Cookie: AWSELB=other; Path=/', 'Set-Cookie: b=c', 'cache-CONTROL: public']
  const { cookies, head } = await site.get()
  expect(cookies.map((cookie) => cookie.split('=')[0])).toEqual([
    'AWSELB',
    'b',
    'AWSELB',
    'AWSELBCORS',
  ])
  expect(head.match(/cache-control/gi)).toHaveLength(1)
})

test('a policy that is set or removed counts from the next request, on open connections too', async () => {
  await using site = await StickySite.start(minute)
  await using client = await site.serving.connect()
  const ask = async (...fields: string[]) => {
    client.send(`${['GET / HTTP/1.1', 'Host: x', ...fields].join('\r\n')}\r\n\r\n`)
    await client.until(/\r\n\r\n[abc]$/)
    return answerOf(client.take())
  }
  const bound = await ask()
  expect(bound.cookies).toHaveLength(2)
  const places = site.origins
  await site.serving.apply(places)
  const by = new Set<string>()
  for (let i = 0; i < 6; i += 1) {
    const answer = await ask(cookieField(...bound.cookies))
    expect(answer.cookies).toEqual([])
    by.add(answer.by)
  }
  expect(by.size).toBe(3)
  await site.register('abc')
  expect(await ask(cookieField(...bound.cookies))).toMatchObject({ by: bound.by, cookies: [] })
})

test('a tunnel’s response binds too; interim responses and answers of the load balancer do not', async () => {
  await using origin = await Origin.answering(
    'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\n',
  )
  await using serving = await Serving.start([])
  await serving.apply([origin], { stickiness: minute })
  await using client = await serving.connect()
  client.send('GET / HTTP/1.1\r\nHost: x\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\n')
  const all = await client.until(/ 101 .*\r\n(.+\r\n)+\r\n$/)
  const [interim = '', final = ''] = all.split(/(?=HTTP\/1.1 101)/)
  expect(interim).not.toContain('Set-Cookie')
  expect(answerOf(final).cookies).toHaveLength(2)
  await client[Symbol.asyncDispose]()
  await serving.apply([], { stickiness: minute })
  const refused = await serving.exchange('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  expect(refused).toMatch(/^HTTP\/1.1 503 /)
  expect(refused).not.toContain('Set-Cookie')
})
