/** Forwarding policies of Huawei Cloud's API before hostile requests: nothing that a client or a policy says breaks an answer or blocks a thread. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Answer } from '../support/huawei.ts'
import { HuaweiApi, type TestProject } from '../support/huawei-api.ts'
import { HuaweiEngine, listenerPort } from '../support/huawei-engine.ts'
import { Origin } from '../support/peer.ts'
import { ok } from '../support/serving.ts'

const running = new AsyncDisposableStack()
let project: TestProject
let listener: Answer
let serving: HuaweiEngine

beforeAll(async () => {
  const api = running.use(await HuaweiApi.start())
  const origin = running.use(await Origin.answering(ok('member')))
  project = api.project()
  const balancer = await project.balancer(await api.subnet())
  const fields = { protocol_port: listenerPort, enhance_l7policy_enable: true }
  listener = await project.listener(balancer, fields)
  const pool = await project.pool({ listener_id: listener.id })
  const member = { address: origin.host, protocol_port: origin.port }
  await project.create(`pools/${pool.id}/members`, 'member', member)
  serving = running.use(await HuaweiEngine.start(api, project))
})
afterAll(() => running.disposeAsync())

/** The listener's only policy from now on. */
async function policy(fields: object, ...rules: object[]): Promise<void> {
  const { l7policies } = await project.get('l7policies')
  for (const { id } of l7policies) await project.delete(`l7policies/${id}`)
  await project.create('l7policies', 'l7policy', { listener_id: listener.id, rules, ...fields })
  await serving.update()
}

/** What stands for a part of the request. */
const same = (part: string) => `\${${part}}`

const everyPath = { type: 'PATH', compare_type: 'STARTS_WITH', value: '/' }

/** What comes until the connection is closed, as text in UTF-8. */
async function ask(target: string, host = 'www.example.com', method = 'GET'): Promise<string> {
  await using client = await serving.connect()
  client.send(`${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
  await client.untilEnded()
  return Buffer.from(client.received, 'latin1').toString('utf8')
}

const statusOf = (answer: string) => Number(answer.slice('HTTP/1.1 '.length, 12))
const locationOf = (answer: string) => /\r\nLocation: (.*)\r\n/.exec(answer)?.[1]

function bodyOf(answer: string): string {
  const at = answer.indexOf('\r\n\r\n') + 4
  const body = answer.slice(at)
  expect(answer).toContain(`\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`)
  return body
}

test.each(['text/plain', 'text/css', 'text/html', 'application/javascript', 'application/json'])(
  'a fixed answer of type %s has its text as it was set, in UTF-8',
  async (content_type) => {
    for (const message_body of [
      '',
      '日'.repeat(1024),
      'a\r\n\r\nHTTP/1.1 200 OK\r\n\r\n',
      same('host'),
    ]) {
      const fixed_response_config = { status_code: '599', content_type, message_body }
      await policy({ action: 'FIXED_RESPONSE', fixed_response_config }, everyPath)
      const answer = await ask('/')
      expect(answer).toContain(`\r\nContent-Type: ${content_type}\r\n`)
      expect([statusOf(answer), bodyOf(answer)]).toEqual([599, message_body])
      const head = await ask('/', 'a', 'HEAD')
      expect(head.slice(head.indexOf('\r\n\r\n'))).toBe('\r\n\r\n')
    }
  },
)

test.each([
  ['/a%0d%0aSet-Cookie:%20b', 'a', 'https://a:8443/new/a%0d%0aSet-Cookie:%20b?q=&'],
  ['/a?b=%0D%0A', 'a', 'https://a:8443/new/a?q=b=%0D%0A&'],
  [`/${same('query')}?x`, 'a', `https://a:8443/new/${same('query')}?q=x&`],
  ['//other.example/..', 'a', 'https://a:8443/new//other.example/..?q=&'],
  ['/\xe4', 'a', 'https://a:8443/new/%E4?q=&'],
  ['/', '[::1]:80', 'https://[::1]:8443/new/?q=&'],
])(
  'a redirection of %s at %s cannot be turned into another answer',
  async (target, host, location) => {
    const redirect_url_config = {
      protocol: 'HTTPS',
      port: String(listenerPort),
      host: same('host'),
      path: `/new${same('path')}`,
      query: `q=${same('query')}&`,
      status_code: '307',
    }
    await policy({ action: 'REDIRECT_TO_URL', redirect_url_config }, everyPath)
    const answer = await ask(target, host)
    expect([statusOf(answer), locationOf(answer)]).toEqual([307, location])
    expect(bodyOf(answer)).toContain('307')
  },
)

test.each(['a\rb', 'a b', 'a\0b', 'a/b', 'a@b', 'a,b'])(
  'a host that is none (%j) is not sent on to',
  async (host) => {
    const redirect_url_config = { path: '/new', status_code: '302' }
    await policy({ action: 'REDIRECT_TO_URL', redirect_url_config }, everyPath)
    const answer = await ask('/', host)
    expect([statusOf(answer), locationOf(answer)]).toEqual([400, undefined])
  },
)

test('a client that names no host is sent to the load balancer’s own', async () => {
  const redirect_url_config = { path: '/new', status_code: '302' }
  await policy({ action: 'REDIRECT_TO_URL', redirect_url_config }, everyPath)
  const own = `http://${serving.address}:${listenerPort}/new`
  expect(locationOf(await ask('/', ''))).toBe(own)
  await using client = await serving.connect()
  client.send('GET / HTTP/1.0\r\n\r\n')
  await client.untilEnded()
  expect(locationOf(client.received)).toBe(own)
})

test.each([
  ['^/(a+)+$', `/${'a'.repeat(2000)}!`, `/${'a'.repeat(2000)}`],
  ['^/(a|a)*b', `/${'a'.repeat(2000)}`, '/aab'],
  ['^(/[^/]*)*/end$', `/${'x/'.repeat(900)}`, '/x/y/end'],
])('the expression %s is looked for in time that does not explode', async (value, other, found) => {
  const fixed_response_config = { status_code: '200', message_body: 'found' }
  const rule = { type: 'PATH', compare_type: 'REGEX', value }
  await policy({ action: 'FIXED_RESPONSE', fixed_response_config }, rule)
  expect(bodyOf(await ask(other))).toBe('member')
  expect(bodyOf(await ask(found))).toBe('found')
})
