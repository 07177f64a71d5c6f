import { expect, test } from 'vitest'
import { cookieField, StickySite } from '../../../test/support/sticky-site.ts'
import type { AppCookieStickiness } from '../../snapshot/stickiness.ts'

const key = Buffer.alloc(32, 7).toString('base64')
const session: AppCookieStickiness = { kind: 'app-cookie', key, cookie: 'SID' }

/** The load balancer's cookie among those that a response sets. */
function ours(cookies: readonly string[]): string[] {
  return cookies.filter((cookie) => cookie.startsWith('AWSELB'))
}

test('the cookie comes with the application’s and binds beside it, until that is set again', async () => {
  await using site = await StickySite.start(session)
  expect((await site.get()).cookies).toEqual([])
  site.fields = ['Set-Cookie: other=1', 'Set-Cookie: SID=1; Path=/']
  const set = await site.get()
  expect(ours(set.cookies)).toEqual([
    expect.stringMatching(/^AWSELB=[0-9A-F]{40}\.[\w-]+;Path=\/$/),
  ])
  site.fields = []
  const field = cookieField('SID=1', ...ours(set.cookies))
  for (let i = 0; i < 4; i += 1) {
    expect(await site.get(field)).toMatchObject({ by: set.by, cookies: [] })
  }
  site.fields = ['Set-Cookie: SID=2; Path=/']
  expect(await site.get(field)).toMatchObject({
    by: set.by,
    cookies: ['SID=2; Path=/', ...ours(set.cookies)],
  })
})

test('a session whose application cookie is gone is not sticky until a new one is issued', async () => {
  await using site = await StickySite.start(session)
  site.fields = ['Set-Cookie: SID=1']
  const { cookies } = await site.get()
  site.fields = []
  for (const field of [cookieField(...ours(cookies)), 'Cookie: SID=1', 'Cookie: sid=1']) {
    const by = new Set<string>()
    for (let i = 0; i < 3; i += 1) {
      const answer = await site.get(field)
      expect(answer.cookies).toEqual([])
      by.add(answer.by)
    }
    expect(by.size).toBe(3)
  }
})

test('a removal of the application’s cookie removes the load balancer’s', async () => {
  await using site = await StickySite.start(session)
  site.fields = ['Set-Cookie: SID=; Path=/app; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT']
  const [cookie] = ours((await site.get()).cookies)
  expect(cookie).toMatch(/;Path=\/app;Max-Age=0;Expires=Thu, 01 Jan 1970 00:00:00 GMT$/)
})

test.each([
  ['Path=/my_path_; Domain=example.com', 'Path=/my%5Fpath%5F;Domain=example.com'],
  ['Secure; HttpOnly; SameSite=Lax', 'PATH=/;Secure;HttpOnly;SameSite=Lax'],
  [
    'max-age=60; EXPIRES=Thu, 01 Jan 2099 00:00:00 GMT',
    'PATH=/;max-age=60;EXPIRES=Thu, 01 Jan 2099 00:00:00 GMT',
  ],
  [
    'Version=1; Comment=a_b; CommentURL="x"; Discard; Port="80"',
    'PATH=/;Version=1;Comment=a_b;CommentURL="x";Discard;Port="80"',
  ],
  ['Priority=High; path = /a ;Partitioned', 'path = /a'],
])('of the attributes %s it has %s', async (attributes, copied) => {
  await using site = await StickySite.start(session)
  site.fields = [`Set-Cookie: SID=1; ${attributes}`]
  const { cookies } = await site.get()
  expect(cookies[0]).toBe(`SID=1; ${attributes}`)
  expect(ours(cookies)).toEqual([expect.stringMatching(/^AWSELB=[^;]+;/)])
  expect(cookies[1]?.replace(/^AWSELB=[^;]+;/, '')).toBe(copied)
})

test('an application’s cookie that ends with a semicolon is ignored', async () => {
  await using site = await StickySite.start(session)
  site.fields = ['Set-Cookie: SID=1; Path=/;']
  expect(ours((await site.get()).cookies)).toEqual([])
  site.fields = ['Set-Cookie: SID=1; Path=/a', 'Set-Cookie: SID=2; Path=/b; ', 'Set-Cookie: SID=3;']
  expect(ours((await site.get()).cookies)).toEqual([expect.stringMatching(/;Path=\/a$/)])
})

test('of an application’s cookie that is set twice, the last is followed', async () => {
  await using site = await StickySite.start(session)
  site.fields = ['Set-Cookie: SID=1; Path=/a', 'Set-Cookie: SID=2; Path=/b']
  expect(ours((await site.get()).cookies)).toEqual([expect.stringMatching(/;Path=\/b$/)])
})

test('when the instance fails, the session is stuck to another one, under the same attributes', async () => {
  await using site = await StickySite.start(session)
  await site.fail('')
  site.fields = ['Set-Cookie: SID=1; Path=/my_app; HttpOnly']
  const set = await site.from('a')
  site.fields = []
  const before = cookieField('SID=1', ...ours(set.cookies))
  await site.fail('a')
  const moved = await site.get(before)
  expect(moved.by).not.toBe('a')
  expect(moved.cookies).toEqual([expect.stringMatching(/^AWSELB=[^;]+;Path=\/my%5Fapp;HttpOnly$/)])
  await site.fail('')
  const after = cookieField('SID=1', ...moved.cookies)
  for (let i = 0; i < 4; i += 1) {
    expect(await site.get(after)).toMatchObject({ by: moved.by, cookies: [] })
  }
  await site.register(moved.by === 'b' ? 'ac' : 'ab')
  expect((await site.get(after)).cookies).toHaveLength(1)
})

test('a forged or foreign cookie neither binds nor moves a session', async () => {
  await using site = await StickySite.start(session)
  site.fields = ['Set-Cookie: SID=1; Path=/']
  const { cookies } = await site.get()
  site.fields = []
  const [token = '', sealed = ''] = ours(cookies)[0]?.split(/[=;]/)[1]?.split('.') ?? []
  const forged = `${sealed.startsWith('A') ? 'B' : 'A'}${sealed.slice(1)}`
  const foreign = Buffer.concat([Buffer.alloc(16), Buffer.from('Path=/\r\nX: y')]).toString(
    'base64url',
  )
  for (const value of [
    '',
    '.',
    `x.${forged}`,
    `${token.slice(1)}.${foreign}`,
    'x',
    '..',
    `x.${sealed.slice(0, 9)}`,
  ]) {
    const answer = await site.get(`Cookie: SID=1; AWSELB=${value}`)
    expect([value, answer.head.split('\r\n')[0], answer.cookies]).toEqual([
      value,
      'HTTP/1.1 200 OK',
      [],
    ])
  }
})
