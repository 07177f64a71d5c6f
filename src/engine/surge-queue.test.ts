import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eventually, Origin, type Peer, settled } from '../../test/support/peer.ts'
import { ok, Serving } from '../../test/support/serving.ts'
import { maxQueued } from './surge-queue.ts'

const get = (path: string) => `GET /${path} HTTP/1.1\r\nHost: a\r\n\r\n`
const bounded = (maxConnections: number) => ({ pool: { maxConnections } })

function queue(serving: Serving) {
  const { surgeQueueLength = 0, spillovers = 0 } = serving.engine.counters()[0] ?? {}
  return { surgeQueueLength, spillovers }
}

async function queued(serving: Serving, length: number): Promise<void> {
  await eventually(() => queue(serving).surgeQueueLength === length)
}

/** An instance that answers when the test says so. */
async function waitingOrigin(): Promise<{ origin: Origin; asked: string[]; answer(): void }> {
  const asked: string[] = []
  const answers: (() => void)[] = []
  const origin = await Origin.start((peer) => {
    peer.socket.on('data', (chunk) => {
      const path = String(chunk).split(' ')[1] ?? ''
      asked.push(path)
      answers.push(() => peer.send(ok(path)))
    })
  })
  return { origin, asked, answer: () => answers.shift()?.() }
}

test('requests beyond the bound wait, and are served first in first out, on the connection that became free', async () => {
  const { origin, asked, answer } = await waitingOrigin()
  await using _ = origin
  await using serving = await Serving.start([origin], bounded(1))
  const clients: Peer[] = []
  for (let i = 0; i < 4; i += 1) {
    const client = await serving.connect()
    clients.push(client)
    client.send(get(`${i}`))
    if (i === 0) await eventually(() => asked.length === 1)
    else await queued(serving, i)
  }
  expect(asked).toEqual(['/0'])
  expect(serving.engine.counters()[0]?.surgeQueuePeak).toBe(3)
  for (const [i, client] of clients.entries()) {
    await eventually(() => asked.length === i + 1)
    answer()
    await client.until(`/${i}`)
  }
  expect(asked).toEqual(['/0', '/1', '/2', '/3'])
  expect(origin.peers).toHaveLength(1)
  expect(queue(serving)).toEqual({ surgeQueueLength: 0, spillovers: 0 })
  for (const client of clients) await client[Symbol.asyncDispose]()
})

test('one who comes while others wait does not overtake them, even on a connection that was just served', async () => {
  const { origin, asked, answer } = await waitingOrigin()
  await using _ = origin
  await using serving = await Serving.start([origin], bounded(1))
  await using first = await serving.connect()
  first.send(get('a') + get('b'))
  await eventually(() => asked.length === 1)
  await using second = await serving.connect()
  second.send(get('c'))
  await queued(serving, 1)
  for (const count of [1, 2, 3]) {
    await eventually(() => asked.length === count)
    answer()
  }
  await first.until('/b')
  expect(asked).toEqual(['/a', '/c', '/b'])
})

test('a client that leaves while it waits is passed over', async () => {
  const { origin, asked, answer } = await waitingOrigin()
  await using _ = origin
  await using serving = await Serving.start([origin], bounded(1))
  await using first = await serving.connect()
  first.send(get('1'))
  await eventually(() => asked.length === 1)
  const second = await serving.connect()
  second.send(get('2'))
  await queued(serving, 1)
  await using third = await serving.connect()
  third.send(get('3'))
  await queued(serving, 2)
  await second[Symbol.asyncDispose]()
  await queued(serving, 1)
  answer()
  await eventually(() => asked.length === 2)
  answer()
  await third.until('/3')
  expect(asked).toEqual(['/1', '/3'])
})

test('when the queue is full, a request is answered 503 and counted', async () => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin], bounded(1))
  const clients: Peer[] = []
  for (let i = 0; i <= maxQueued; i += 1) {
    const client = await serving.connect()
    client.send(get('x'))
    clients.push(client)
  }
  await queued(serving, maxQueued)
  await using late = await serving.connect()
  late.send(get('x'))
  await late.until('HTTP/1.1 503 Service Unavailable')
  expect(queue(serving)).toEqual({ surgeQueueLength: maxQueued, spillovers: 1 })
  for (const client of clients) client.socket.resetAndDestroy()
  late.socket.destroy()
  await serving.untilQuiet()
  expect(queue(serving).surgeQueueLength).toBe(0)
})

test('waiting ends with 504 at the idle timeout', async () => {
  const { origin, asked } = await waitingOrigin()
  await using _ = origin
  await using serving = await Serving.start([origin], { ...bounded(1), idleTimeout: 60_000 })
  await using first = await serving.connect()
  first.send(get('1'))
  await eventually(() => asked.length === 1)
  serving.clock.advance(30_000)
  await using second = await serving.connect()
  second.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n')
  await queued(serving, 1)
  // The first one's time is over, and its place free; before the event loop turns, the second one's is over too.
  serving.clock.advance(59_000)
  expect(second.received).toBe('')
  serving.clock.advance(2000)
  await second.until('HTTP/1.1 504 Gateway Timeout')
  expect(queue(serving).surgeQueueLength).toBe(0)
})

test('those who wait go to a target that is added, and get 503 when the last one goes', async () => {
  const { origin, asked } = await waitingOrigin()
  await using _ = origin
  await using other = await Origin.answering(ok('other'))
  await using serving = await Serving.start([origin], bounded(1))
  await using first = await serving.connect()
  first.send(get('1'))
  await eventually(() => asked.length === 1)
  await using second = await serving.connect()
  second.send(get('2'))
  await queued(serving, 1)
  await serving.apply([origin, other])
  await second.until('other')
  await serving.apply([origin])
  second.take()
  second.send(get('3'))
  await queued(serving, 1)
  await serving.apply([])
  await second.until('HTTP/1.1 503')
})

test('the body of a request that waits is not read, and goes out whole', async () => {
  const { origin, asked, answer } = await waitingOrigin()
  await using _ = origin
  await using serving = await Serving.start([origin], bounded(1))
  await using first = await serving.connect()
  first.send(get('1'))
  await eventually(() => asked.length === 1)
  await using second = await serving.connect()
  const size = 8 * 1024 * 1024
  second.send(`POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`)
  await queued(serving, 1)
  const bytesIn = () => serving.engine.counters()[0]?.bytesIn ?? 0
  await settled(bytesIn)
  expect(bytesIn()).toBeLessThan(size / 2)
  const [peer] = origin.peers as [Peer]
  answer()
  await first.until('/1')
  await eventually(() => peer.received.length > size)
})

test('TCP connections beyond the bound wait with what they sent, and are closed when there is no room', async () => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin], { protocol: 'tcp', ...bounded(1) })
  const first = await serving.connect()
  first.send('first')
  await (await origin.peer(0)).until('first')
  await using second = await serving.connect()
  second.send('second')
  await queued(serving, 1)
  const leaving = await serving.connect()
  await queued(serving, 2)
  await leaving[Symbol.asyncDispose]()
  await queued(serving, 1)
  first.socket.resetAndDestroy()
  await (await origin.peer(1)).until('second')
  second.send(' more')
  await (await origin.peer(1)).until('second more')
  const waiting: Peer[] = []
  for (let i = 0; i < maxQueued; i += 1) waiting.push(await serving.connect())
  await queued(serving, maxQueued)
  await using late = await serving.connect()
  await late.untilEnded()
  expect(queue(serving).spillovers).toBe(1)
  serving.clock.advance(30_000)
  second.send('!')
  await (await origin.peer(1)).until('!')
  serving.clock.advance(31_000)
  await Promise.all(waiting.map((client) => client.untilEnded()))
  expect(second.ended).toBe(false)
})

/** What may happen next: a client sends a request, the oldest request is answered, or the oldest client leaves. */
const steps = fc.array(fc.constantFrom('send', 'send', 'answer', 'leave'), { maxLength: 60 })

async function play(order: readonly string[], bound: number): Promise<void> {
  const { origin, asked, answer } = await waitingOrigin()
  await using _ = origin
  await using serving = await Serving.start([origin], bounded(bound))
  const clients: Peer[] = []
  let sent = 0
  for (const step of order) {
    if (step === 'answer') answer()
    if (step === 'leave') clients.shift()?.socket.resetAndDestroy()
    if (step !== 'send') continue
    const client = await serving.connect()
    sent += 1
    client.send(get(`${sent}`))
    clients.push(client)
  }
  await eventually(() => {
    answer()
    return clients.every(({ received }) => received.includes('200 OK'))
  })
  for (const { received } of clients) expect(received.split('200 OK')).toHaveLength(2)
  expect(asked.length).toBeLessThanOrEqual(sent)
  expect(new Set(asked).size).toBe(asked.length)
  for (const client of clients) client.socket.resetAndDestroy()
  await eventually(() => serving.engine.open().clientConnections === 0)
  expect(queue(serving)).toEqual({ surgeQueueLength: 0, spillovers: 0 })
  expect(serving.engine.counters()[0]?.requests).toBe(sent)
}

test('whatever happens in which order, each request is sent once and answered once, and nothing is left', async () => {
  const bounds = fc.integer({ min: 1, max: 3 })
  await fc.assert(fc.asyncProperty(steps, bounds, play), { numRuns: 25 })
})
