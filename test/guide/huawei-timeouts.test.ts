/**
 * The three timeouts of Table 1 at their bounds, to the millisecond: HTTPS listeners made by the API, translated as for a proxy, in an engine
 * under a clock that is moved by hand. What is beyond the bounds is refused: listeners.test.ts.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { selfSigned } from '../support/certificate-authority.ts'
import type { Answer } from '../support/huawei.ts'
import { HuaweiApi, type TestProject } from '../support/huawei-api.ts'
import { HuaweiEngine, listenerPort } from '../support/huawei-engine.ts'
import { eventually, Origin, type Peer } from '../support/peer.ts'
import { ok } from '../support/serving.ts'

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
/** Of the engine's timer wheel: something is over at its end, or at the tick behind it. */
const tick = 100

let api: HuaweiApi
const secret = await selfSigned()

beforeAll(async () => {
  api = await HuaweiApi.start()
})
afterAll(() => api[Symbol.asyncDispose]())

/** A load balancer with one listener of those attributes, whose group has these members. */
async function serve(
  listener: Answer,
  origins: readonly Origin[] = [],
  pool: object = {},
): Promise<HuaweiEngine> {
  const project = api.project()
  const balancer = await project.balancer(await api.subnet())
  const secure = listener.protocol === 'TCP' ? {} : await secureFields(project)
  const fields = { protocol_port: listenerPort, ...secure, ...listener }
  const { id, protocol } = await project.listener(balancer, fields)
  const members = await project.pool({
    listener_id: id,
    protocol: protocol === 'TCP' ? 'TCP' : 'HTTP',
    ...pool,
  })
  for (const { host, port } of origins) {
    const member = { address: host, protocol_port: port }
    await project.create(`pools/${members.id}/members`, 'member', member)
  }
  return HuaweiEngine.start(api, project)
}

async function secureFields(project: TestProject): Promise<object> {
  const { certificate, privateKey } = secret
  const sent = { certificate, private_key: privateKey }
  const { id } = await project.create('certificates', 'certificate', sent)
  return { protocol: 'HTTPS', default_tls_container_ref: id }
}

/** Enough for what the engine has done to reach the other side. */
async function turns(): Promise<void> {
  for (let left = 50; left > 0; left -= 1) await new Promise((resolve) => setImmediate(resolve))
}

/** Nothing is over a millisecond before its end. */
async function comesTo(
  { clock }: HuaweiEngine,
  seconds: number,
  isOver: () => boolean,
  overEventually: () => Promise<unknown>,
): Promise<void> {
  clock.advance(seconds * 1000 - 1)
  await turns()
  expect(isOver()).toBe(false)
  clock.advance(1 + tick)
  await overEventually()
}

const closes = (client: Peer) => [() => client.ended, () => client.untilEnded()] as const
const answers = (client: Peer) =>
  [() => client.received !== '', () => client.until('</html>')] as const

describe('Idle Timeout', () => {
  test.each([1, 4000])('%i s: a connection is closed so long after its request', async (time) => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await serve({ keepalive_timeout: time }, [origin])
    await using client = await serving.connectTls()
    for (let asked = 0; asked < 2; asked += 1) {
      client.send(get)
      await client.until(/\r\n\r\nx$/)
      expect(client.take()).not.toContain('close')
    }
    await comesTo(serving, time, ...closes(client))
    expect(client.received).toBe('')
  })

  test.each([1, 4000])('%i s: so is one that has made no request', async (time) => {
    await using serving = await serve({ keepalive_timeout: time })
    await using client = await serving.connectTls()
    await comesTo(serving, time, ...closes(client))
  })

  test('0: a connection is closed after its answer, and is open for a request until then', async () => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await serve({ keepalive_timeout: 0, client_timeout: 300 }, [origin])
    await using silent = await serving.connectTls()
    await using client = await serving.connectTls()
    serving.clock.advance(299_000)
    client.send(get)
    await client.untilEnded()
    expect(client.received).toMatch(/\r\nConnection: close\r\n\r\nx$/)
    await comesTo(serving, 1, ...closes(silent))
  })

  test.each([10, 4000])('of TCP, %i s: a connection that is silent both ways', async (time) => {
    await using origin = await Origin.start((peer) => peer.send('hello'))
    await using serving = await serve({ protocol: 'TCP', keepalive_timeout: time }, [origin])
    await using client = await serving.connect()
    await client.until('hello')
    serving.clock.advance(time * 1000 - 1)
    client.send('still here')
    await (await origin.peer(0)).until('still here')
    serving.clock.advance(time * 1000 - 1)
    await turns()
    expect(client.ended).toBe(false)
    serving.clock.advance(1 + 2 * tick)
    await client.untilEnded()
  })
})

describe.each([1, 300])('Request Timeout of %i s', (time) => {
  const times = { client_timeout: time, keepalive_timeout: 4000, member_timeout: 300 }

  test('a head that is not whole by then is answered 408, however it trickles', async () => {
    await using serving = await serve(times)
    await using client = await serving.connectTls()
    client.send('GET / HTTP/1.1\r\n')
    await eventually(() => serving.bytesIn === 16)
    serving.clock.advance(500)
    client.send('Host: a\r\n')
    await eventually(() => serving.bytesIn === 25)
    await comesTo(serving, time - 0.5, ...answers(client))
    expect(client.received).toMatch(/^HTTP\/1\.1 408 /)
  })

  test('so is one whose body is not', async () => {
    await using origin = await Origin.start()
    await using serving = await serve(times, [origin])
    await using client = await serving.connectTls()
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf')
    await (await origin.peer(0)).until('half')
    await comesTo(serving, time, ...answers(client))
    expect(client.received).toMatch(/^HTTP\/1\.1 408 /)
  })
})

describe.each([1, 300])('Response Timeout of %i s', (time) => {
  const times = { member_timeout: time, client_timeout: 1, keepalive_timeout: 0 }

  test('each backend server has so long; when none has answered it is 504', async () => {
    await using one = await Origin.start()
    await using two = await Origin.start()
    await using serving = await serve(times, [one, two])
    await using client = await serving.connectTls()
    client.send(get)
    await eventually(() => one.peers.length + two.peers.length === 1)
    const [first, second] = one.peers.length === 1 ? [one, two] : [two, one]
    await (await first.peer(0)).until('\r\n\r\n')
    await comesTo(
      serving,
      time,
      () => second.peers.length > 0,
      async () => (await second.peer(0)).until('\r\n\r\n'),
    )
    await comesTo(serving, time, ...answers(client))
    expect(client.received).toMatch(/^HTTP\/1\.1 504 /)
  })

  test('a request that is not idempotent is never sent a second time: 504', async () => {
    await using one = await Origin.start()
    await using two = await Origin.start()
    await using serving = await serve(times, [one, two])
    await using client = await serving.connectTls()
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi')
    await eventually(() => [one, two].some(({ peers }) => peers[0]?.received.endsWith('hi')))
    await comesTo(serving, time, ...answers(client))
    expect(client.received).toMatch(/^HTTP\/1\.1 504 /)
    expect(one.peers.length + two.peers.length).toBe(1)
  })

  test('nor is any, where the listener has no retries or clients are sticky', async () => {
    const session_persistence = { type: 'HTTP_COOKIE' }
    for (const [listener, pool] of [
      [{ enable_member_retry: false }, {}],
      [{}, { session_persistence }],
    ]) {
      await using one = await Origin.start()
      await using two = await Origin.start()
      await using serving = await serve({ ...times, ...listener }, [one, two], pool)
      await using client = await serving.connectTls()
      client.send(get)
      await eventually(() =>
        [one, two].some(({ peers }) => peers[0]?.received.endsWith('\r\n\r\n')),
      )
      await comesTo(serving, time, ...answers(client))
      expect(client.received).toMatch(/^HTTP\/1\.1 504 /)
      expect(one.peers.length + two.peers.length).toBe(1)
    }
  })

  test('an answer that stops half way is cut off', async () => {
    await using origin = await Origin.start()
    await using serving = await serve(times, [origin])
    await using client = await serving.connectTls()
    client.send(get)
    const peer = await origin.peer(0)
    await peer.until('\r\n\r\n')
    peer.send('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha')
    await client.until('ha')
    serving.clock.advance(time * 1000 - 1)
    await turns()
    expect(client.closed).toBe(false)
    serving.clock.advance(1 + 2 * tick)
    await client.untilClosed()
    expect(client.received).toMatch(/ha$/)
  })
})
